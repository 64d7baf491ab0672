import { formatSpan } from '../../events/format.ts';
import type { WatcherView } from '../../server/watcher-view.ts';
import { type Headline, type HeadlineMigration, headline, hostOf } from '../../watch/headline.ts';
import { type ReceiverFacts, receiverFaults } from '../../watch/notification-words.ts';
import { faultWord, laneWords } from '../../watch/words.ts';
import type { MigrationRow } from '../data/migration-row.ts';
import type { PageState } from '../state.ts';
import { factsOf, statusOf } from '../status.ts';
import { ago, localText } from '../times.ts';

/** One thing that is wrong with the watcher or with all that it reads. */
export interface Alarm {
  readonly kind: 'lost' | 'not-watching' | 'outage' | 'problem' | 'notifications';
  readonly tone: 'alarm' | 'warning';
  /** What happened. It stays the same while it lasts, so that screen readers read it once. */
  readonly text: string;
  /** How long it lasts, or what to do. */
  readonly more?: string;
}

/** Why nothing of what is shown is current. */
export interface Stale {
  /** Nothing later is known. In ms since 1970. */
  readonly since: number;
  readonly word: string;
}

/** How everything stands, for the top of the page, the tab and the icon. */
export interface Standing extends Headline {
  readonly alarms: readonly Alarm[];
  /** Undefined while what is shown is current. */
  readonly stale: Stale | undefined;
}

type Known = Pick<PageState, 'connection' | 'watcher'>;

/** Returns how everything stands; `now` in ms since 1970, by the watcher's clock. */
export function standingOf(
  { connection, watcher }: Known,
  rows: readonly MigrationRow[],
  now: number,
): Standing {
  const timeOf = (moment: number): string => localText(moment, now);
  if (connection.state === 'lost') {
    const text = `Not connected to the watcher since ${timeOf(connection.since)}.`;
    const age = formatSpan(Math.max(0, now - connection.since) / 1000);
    const more = `${watcher === undefined ? '' : `What is shown is ${age} old. `}Trying again every two seconds.`;
    const stale = { since: connection.since, word: 'Not connected' };
    return { text, tone: 'alarm', stale, alarms: [{ kind: 'lost', tone: 'alarm', text, more }] };
  }
  if (watcher === undefined) return { text: 'Loading…', tone: 'calm', stale: undefined, alarms: [] };
  const { notWatchingSince, credential, problems, role, lease } = watcher;
  const stoppedAt = notWatchingSince === undefined ? undefined : Date.parse(notWatchingSince);
  const migrations = rows.map(headlineMigration);
  const standby = role === 'standby' ? { holder: lease?.holder } : undefined;
  const facts = { migrations, notWatchingSince: stoppedAt, credential, standby };
  const line = headline(facts, now, timeOf);
  // While nobody watches, the first problem is why.
  const [reason] = stoppedAt === undefined ? [] : problems;
  const others = stoppedAt === undefined ? problems : problems.slice(1);
  const outage = outageOfAll(rows, now);
  const alarms: readonly (Alarm | undefined)[] = [
    stoppedAt === undefined
      ? undefined
      : {
          kind: 'not-watching',
          tone: 'alarm',
          text: line.text,
          more: `Nothing below is newer. ${reason ?? ''}`,
        },
    outage,
    ...others.map((text): Alarm => ({ kind: 'problem', tone: 'warning', text })),
    ...receiverFaults(receiversOf(watcher), now).map(
      ({ what, more }): Alarm => ({ kind: 'notifications', tone: 'warning', text: what, more }),
    ),
  ];
  const stale = stoppedAt === undefined ? undefined : { since: stoppedAt, word: laneWords.not_watching };
  return { ...line, stale, alarms: alarms.filter((alarm) => alarm !== undefined) };
}

/** Says what a standby is for; undefined of the active watcher. */
export function standbyText({ role, lease }: Pick<WatcherView, 'role' | 'lease'>): string | undefined {
  if (role === 'active') return undefined;
  const host = hostOf(lease?.holder);
  return host === undefined
    ? 'Standby: no watcher is active. This one takes over as soon as it may.'
    : `Standby: ${host} polls and reports. This one takes over if it ends.`;
}

/** Returns what is told of the receivers of notifications. */
export function receiversOf({ notifications = [] }: Pick<WatcherView, 'notifications'>): ReceiverFacts[] {
  return notifications.map(({ name, state, reported, waiting, failingSince, lastAnswer }) => ({
    name,
    state,
    waiting,
    isReported: reported,
    answer: lastAnswer?.text,
    failingSince: failingSince === undefined ? undefined : Date.parse(failingSince),
  }));
}

function headlineMigration({ view }: MigrationRow): HeadlineMigration {
  const { migration: name, outage, plannedAt, planRisks, planMissed } = view;
  return { name, ...factsOf(view), errorType: outage?.errorType, plannedAt, planRisks, planMissed };
}

/** Returns why none of the migrations that have not ended can be read, and what to do; undefined where some can be. */
function outageOfAll(rows: readonly MigrationRow[], now: number): Alarm | undefined {
  const open = rows
    .map(({ view }) => view)
    .filter((view) => !['failed', 'done'].includes(statusOf(view, now)));
  const outages = open.flatMap(({ outage, reachable, observedAt }) =>
    outage !== undefined && (reachable === false || observedAt === undefined) ? [outage] : [],
  );
  if (open.length === 0 || outages.length < open.length) return undefined;
  // Of those that are held back, only the kind of the fault is known.
  const shown = outages.find(({ remedy }) => remedy !== undefined) ?? outages[0];
  if (shown?.errorType === undefined) return undefined;
  return {
    kind: 'outage',
    tone: 'alarm',
    text: `Nothing can be read from Atlas: ${faultWord(shown.errorType, shown.httpStatus)}.`,
    more: [shown.detail, shown.remedy].filter(Boolean).join(' '),
  };
}

/**
 * Returns when something was last read, in words: `last read 5 s ago`. Failed polls do not count, and what has ended only
 * where all has: it is read once an hour. `now` in ms since 1970.
 */
export function lastReadText(rows: readonly MigrationRow[], now: number): string {
  const open = rows.filter(({ view }) => view.settlement === undefined);
  const latest = (open.length > 0 ? open : rows).reduce(
    (last, { view: { observedAt = '' } }) => (observedAt > last ? observedAt : last),
    '',
  );
  if (latest === '') return 'nothing read yet';
  return `last read ${ago(Math.max(0, now - Date.parse(latest)) / 1000)}`;
}
