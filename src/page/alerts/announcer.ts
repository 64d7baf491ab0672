import type { Clock } from '../clock.ts';
import { readSetting, writeSetting } from '../settings.ts';
import type { Store } from '../store.ts';
import { type Alert, alertsOf } from './alerts.ts';
import { beep } from './beep.ts';

/** Names of the settings that switch the ways to alert on. */
export const alertSettings = { notify: 'notify', sound: 'sound' } as const;
const alertedSetting = 'alerted';

/** Ids of the latest alerts are remembered, so that one of the pages of a browser makes each. */
const rememberedAlerts = 50;
/** Pages wait for a moment, each for another one, so that they do not make the same alert. In ms. */
const claimWithinMs = 300;

/** Alerts the reader to what is new, in the ways that are switched on. `open` shows a migration. */
export function announce(store: Store, clock: Clock, open: (migration: string) => void): void {
  let known: Set<string> | undefined;
  const look = (): void => {
    // What had happened before the page was loaded is no news.
    if (!store.state.eventsLoaded) return;
    const alerts = alertsOf(store.state, clock.now);
    const news = known === undefined ? [] : alerts.filter(({ id }) => known?.has(id) !== true);
    known = new Set([...(known ?? []), ...alerts.map(({ id }) => id)]);
    for (const alert of news) setTimeout(() => makeOnce(alert, open), Math.random() * claimWithinMs);
  };
  store.subscribe(look);
  clock.subscribe(look);
}

function makeOnce(alert: Alert, open: (migration: string) => void): void {
  const made = readSetting(alertedSetting)?.split('\n') ?? [];
  if (made.includes(alert.id)) return;
  writeSetting(alertedSetting, [...made, alert.id].slice(-rememberedAlerts).join('\n'));
  if (readSetting(alertSettings.sound) === 'on') beep();
  if (readSetting(alertSettings.notify) === 'on') notify(alert, open);
}

function notify({ id, title, text, migration }: Alert, open: (migration: string) => void): void {
  if (!mayNotify()) return;
  try {
    // A second one with the same tag replaces the first.
    const notification = new Notification(title, { body: text, tag: id });
    notification.addEventListener('click', () => {
      window.focus();
      if (migration !== undefined) open(migration);
      notification.close();
    });
  } catch {
    // Chromium on Android has no notifications of pages.
  }
}

/** Returns whether notifications can be asked for: browsers have them on https and localhost only. */
export function canNotify(): boolean {
  return 'Notification' in globalThis && isSecureContext;
}

function mayNotify(): boolean {
  return canNotify() && Notification.permission === 'granted';
}
