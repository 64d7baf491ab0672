import { formatSpan } from '../events/format.ts';
import type { MigrationView } from '../server/migration-view.ts';
import { estimateWords } from '../watch/migration/wording.ts';
import { standingOf } from './status.ts';
import { countdown } from './times.ts';

/** What comes next for a migration, in words that stand for themselves. */
export interface Outlook {
  readonly main: string;
  /** What qualifies it. */
  readonly note?: string;
  /** How near the end of the window is. */
  readonly pressing?: 'soon' | 'now';
}

const soonSeconds = 24 * 3_600;
const nowSeconds = 6 * 3_600;

/**
 * Returns what comes next, and that it rests on what was seen before polls began to fail. `now` in ms since 1970, by the
 * watcher's clock.
 */
export function outlookOf(view: MigrationView, now: number): Outlook {
  const outlook = outlookWhileRead(view, now);
  if (view.outage === undefined || standingOf(view) === 'unreachable') return outlook;
  return { ...outlook, note: [outlook.note, 'polls fail'].filter(Boolean).join('; ') };
}

function outlookWhileRead(view: MigrationView, now: number): Outlook {
  switch (standingOf(view)) {
    case 'ready':
      return windowOutlook(view, now);
    case 'failed':
      return failures[view.settlement ?? ''] ?? failures.FAILED;
    case 'unreachable':
      return {
        main: `Cannot be read: ${view.outage?.errorType?.replaceAll('_', ' ') ?? 'the reason is in the log'}`,
        note: `${view.outage?.failures ?? 0} failed polls in a row`,
      };
    case 'stalled':
      return {
        main: `No progress for ${formatSpan(view.stalledForSeconds ?? 0)}`,
        note: 'look at the source and the host',
      };
    case 'approaching':
    case 'copying':
      return readinessOutlook(view, now);
    case 'waiting':
      return { main: view.observedAt === undefined ? 'Not read yet' : 'No lag is told yet' };
    case 'done':
      return { main: 'Nothing, it is cut over' };
  }
}

const failures: Readonly<Record<string, Outlook>> & { readonly FAILED: Outlook } = {
  FAILED: { main: 'Start it anew', note: 'the Atlas console may say why' },
  EXPIRED: { main: 'Start it anew', note: 'the window ran out' },
  DISAPPEARED: { main: 'Gone from Atlas', note: 'perhaps cancelled in the console' },
};

function windowOutlook({ deadline, readySinceKnown }: MigrationView, now: number): Outlook {
  if (deadline === undefined) return { main: 'Cut over' };
  const left = Math.ceil((Date.parse(deadline) - now) / 1000);
  if (left <= 0)
    return {
      main: `Window over for ${formatSpan(left)}`,
      note: 'estimated; look into the console',
      pressing: 'now',
    };
  return {
    main: `${countdown(left)} left`,
    note: readySinceKnown === false ? 'estimated, perhaps less' : 'estimated',
    ...(left <= nowSeconds ? { pressing: 'now' } : left <= soonSeconds && { pressing: 'soon' }),
  };
}

/** The estimate counts from the latest observation. */
function readinessOutlook(
  { readyInSeconds: seconds, readyInSecondsRange: [earliest, latest] = [], observedAt }: MigrationView,
  now: number,
): Outlook {
  if (seconds === undefined || observedAt === undefined) return { main: 'No estimate yet' };
  const estimate = { seconds, earliest: earliest ?? seconds, ...(latest !== undefined && { latest }) };
  const { middle, wholeRange: note } = estimateWords(estimate, (now - Date.parse(observedAt)) / 1000);
  return { main: `Ready in ${middle}`, ...(note !== undefined && { note }) };
}
