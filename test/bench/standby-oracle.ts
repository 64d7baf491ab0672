import { isDeepStrictEqual } from 'node:util';
import { isHasty, nameOf } from './standby-course.ts';
import { type OverlapCounts, overlapsOf } from './standby-overlaps.ts';
import type { Evidence, JsonRecord } from './standby-run.ts';
import { type Takeover, takeoversOf } from './standby-takeovers.ts';
import type { Run, WrittenLine } from './standby-watchers.ts';

/** What a trial has shown. */
export interface Judgment {
  /** Everything that is not as it must be. */
  readonly problems: readonly string[];
  /** What took longer than it may; perhaps because the machine is busy. */
  readonly late: readonly string[];
  readonly events: number;
  /** Changes of patient migrations that the log has. */
  readonly transitions: number;
  /** Changes that only a line marked `unfenced` has, as its watcher ended or was fenced before the database was back. */
  readonly onlyUnfenced: number;
  /** Lines marked `unfenced`; of them those whose event is in the log under the same id. */
  readonly unfenced: number;
  readonly unfencedKept: number;
  readonly epochs: number;
  readonly takeovers: readonly Takeover[];
  readonly overlaps: OverlapCounts;
}

const mostOfAKind = 5;
/** What must be the same as with a single watcher. When it turned ready also depends on when it was asked. */
const shownFields = [
  'migration',
  'status',
  'readyForCutover',
  'settlement',
  'deadlineEstimated',
  'deadlineSource',
] as const;
/** Events that follow from what Atlas says alone, and not from when it was asked. */
const compared = new Set([
  'migration.first_seen',
  'migration.status_changed',
  'migration.unknown_status',
  'migration.ready_for_cutover',
  'migration.readiness_withdrawn',
  'migration.completed',
  'migration.failed',
  'migration.expired',
]);

/** Compares what the two have said with what is in the log, what Atlas has served, and what a single watcher has said. */
export function judge(evidence: Evidence): Judgment {
  const { log, runs, course, audit, troubles } = evidence;
  const lines = runs
    .flatMap((run) => run.lines.map((line) => ({ line, run })))
    .toSorted((one, other) => one.line.at - other.line.at);
  const stored = new Map(log.map((record) => [record.eventId, record]));
  const unfenced = lines.filter(({ line }) => line.record.unfenced === true);
  const chains = Array.from({ length: course.count }, (_, number) => chainOf(evidence, number, unfenced));
  const takeovers = takeoversOf(evidence);
  const overlaps = overlapsOf(evidence);
  return {
    problems: [
      ...troubles,
      ...some(
        'events of the log are marked as unfenced',
        log.filter((record) => record.unfenced !== undefined).map(wordsOf),
      ),
      ...some('events are in the log twice', repeated(log.map(({ eventId }) => String(eventId)))),
      ...some('events of the log have no line', withoutLine(log, lines)),
      ...some('lines, not marked as unfenced, differ from the log', unlikeLog(lines, stored)),
      ...some('lines were written by a fenced watcher', afterFence(runs, stored)),
      ...some('epochs are out of order, or not as the database has seen them', disorderOf(evidence)),
      ...some('events were written by a former holder', byFormerHolder(evidence, lines)),
      ...some('kinds of rows were written without the lease', audit.foreignWrites),
      ...some(
        'faults in the chains of transitions',
        chains.flatMap(({ problems }) => problems),
      ),
      ...some('differences from the single watcher in the end', unlikeSingle(evidence)),
      ...some('watchers ended by themselves', ownEnds(runs)),
    ],
    late: [
      ...some(
        'takeovers were late',
        takeovers.filter(({ isLate }) => isLate).map(({ what, ms }) => `${what}: ${ms} ms`),
      ),
      ...some('polls of two at once are beyond the bounds', overlaps.problems),
    ],
    events: log.length,
    transitions: chains.reduce((sum, { transitions }) => sum + transitions, 0),
    onlyUnfenced: chains.reduce((sum, { onlyUnfenced }) => sum + onlyUnfenced, 0),
    unfenced: unfenced.length,
    unfencedKept: unfenced.filter(({ line }) => stored.has(line.record.eventId)).length,
    epochs: audit.taken.length,
    takeovers,
    overlaps: overlaps.counts,
  };
}

interface LineOfRun {
  readonly line: WrittenLine;
  readonly run: Run;
}

interface Chain {
  readonly problems: readonly string[];
  readonly transitions: number;
  readonly onlyUnfenced: number;
}

/** Follows the statuses of one migration through the log. */
function chainOf(
  { log, singleLog, course }: Evidence,
  number: number,
  unfenced: readonly LineOfRun[],
): Chain {
  const name = nameOf(number);
  const own = (records: readonly JsonRecord[]): readonly JsonRecord[] =>
    records.filter(({ event, migration }) => migration === name && compared.has(String(event)));
  const events = own(log);
  const changes = events.filter(({ event }) => isChange(event));
  const problems: string[] = [];
  const reached = changes.map(statusOf);
  for (const [index, { event, from }] of changes.entries()) {
    const isFirst = index === 0;
    if ((event === 'migration.first_seen') !== isFirst)
      problems.push(`${name}: ${String(event)} at place ${index}`);
    else if (!isFirst && from !== reached[index - 1])
      problems.push(`${name}: a gap between ${reached[index - 1]} and ${String(from)}`);
  }
  for (const status of repeated(reached)) problems.push(`${name}: ${status} is reported twice`);
  problems.push(...turnsOf(name, events));
  if (isHasty(number)) {
    const served = new Set(course.polls.filter((poll) => poll.number === number).map(({ status }) => status));
    const unserved = reached.filter((status) => !served.has(status));
    problems.push(...unserved.map((status) => `${name}: ${status} was never served`));
    return { problems, transitions: 0, onlyUnfenced: 0 };
  }
  const expected = own(singleLog);
  const missing = expected
    .filter(({ event }) => isChange(event))
    .map(statusOf)
    .filter((status) => !reached.includes(status));
  const said = new Set(
    unfenced
      .filter(({ line }) => line.record.migration === name && isChange(line.event))
      .map(({ line }) => statusOf(line.record)),
  );
  const lost = missing.filter((status) => !said.has(status));
  problems.push(...lost.map((status) => `${name}: ${status} is missing`));
  if (missing.length === 0 && !isDeepStrictEqual(events.map(briefly), expected.map(briefly)))
    problems.push(`${name}: ${differenceOf(events.map(briefly), expected.map(briefly))}`);
  return { problems, transitions: changes.length, onlyUnfenced: missing.length - lost.length };
}

/** Readiness and its withdrawal must take turns. */
function turnsOf(name: string, events: readonly JsonRecord[]): string[] {
  const problems: string[] = [];
  let isReady = false;
  for (const { event } of events) {
    const turnsReady = event === 'migration.ready_for_cutover';
    if (!turnsReady && event !== 'migration.readiness_withdrawn') continue;
    if (turnsReady === isReady) problems.push(`${name}: ${event} twice in a row`);
    isReady = turnsReady;
  }
  return problems;
}

function isChange(event: unknown): boolean {
  return event === 'migration.first_seen' || event === 'migration.status_changed';
}

function statusOf({ event, status, to }: JsonRecord): string {
  return String(event === 'migration.first_seen' ? status : to);
}

function briefly({ event, from, to, status }: JsonRecord): string {
  return [event, ...(event === 'migration.status_changed' ? [from, to] : [status])].join(' ');
}

function differenceOf(events: readonly string[], expected: readonly string[]): string {
  const index = expected.findIndex((text, at) => events[at] !== text);
  return `"${events[index] ?? 'nothing'}" where a single watcher says "${expected[index] ?? 'nothing'}"`;
}

function withoutLine(log: readonly JsonRecord[], lines: readonly LineOfRun[]): string[] {
  const said = new Set(lines.map(({ line }) => line.record.eventId));
  return log.filter(({ eventId }) => !said.has(eventId)).map(wordsOf);
}

/**
 * Of every event whose line is not marked, the log has the same. One that is marked may have its id in common with what the
 * other watcher has read in the same millisecond.
 */
function unlikeLog(lines: readonly LineOfRun[], stored: ReadonlyMap<unknown, JsonRecord>): string[] {
  return lines.flatMap(({ line: { record }, run }) => {
    if (record.eventId === undefined || record.event === 'watcher.poll_failed') return [];
    if (record.unfenced === true) return [];
    const inLog = stored.get(record.eventId);
    if (inLog === undefined) return [`${run.name}: ${wordsOf(record)}: not in the log`];
    return isDeepStrictEqual(record, inLog) ? [] : [`${run.name}: ${wordsOf(record)}: not the same`];
  });
}

/** After it was fenced, a watcher says nothing until it is active again, but for what others have stored. */
function afterFence(runs: readonly Run[], stored: ReadonlyMap<unknown, JsonRecord>): string[] {
  return runs.flatMap((run) => {
    let isFenced = false;
    return run.lines.flatMap(({ event, record }) => {
      if (event === 'watcher.fenced') isFenced = true;
      if (event === 'watcher.active') isFenced = false;
      return isFenced && record.eventId !== undefined && !stored.has(record.eventId)
        ? [`${run.name}: ${wordsOf(record)}`]
        : [];
    });
  });
}

function disorderOf({ log, audit }: Evidence): string[] {
  const taken = new Set(audit.taken.map(({ epoch }) => epoch));
  const first = audit.taken[0]?.epoch ?? 0;
  const epochs = log
    .filter(({ event }) => event === 'watcher.active')
    .map(({ epoch }) => Number(epoch))
    .filter((epoch) => epoch >= first);
  return epochs.flatMap((epoch, index) => [
    ...(epoch > (epochs[index - 1] ?? 0) ? [] : [`${epoch} after ${epochs[index - 1]}`]),
    ...(taken.has(epoch) ? [] : [`${epoch} was never taken`]),
  ]);
}

/** The first line of an event comes from the holder of its time, or from a later one that delivers what that one had stored. */
function byFormerHolder({ log, audit }: Evidence, lines: readonly LineOfRun[]): string[] {
  const firstLines = new Map<unknown, Run>();
  // A line that is marked may be of the other one, which has read the same in the same millisecond.
  for (const { line, run } of lines)
    if (line.record.unfenced !== true && !firstLines.has(line.record.eventId))
      firstLines.set(line.record.eventId, run);
  const epochsOf = Map.groupBy(audit.taken, ({ run }) => run);
  let epoch = 0;
  return log.flatMap((record) => {
    if (record.event === 'watcher.active') epoch = Number(record.epoch);
    const run = firstLines.get(record.eventId);
    const latest = epochsOf.get(run?.name ?? '')?.at(-1)?.epoch;
    if (run === undefined || epoch < (audit.taken[0]?.epoch ?? 0)) return [];
    return latest === undefined || latest < epoch
      ? [`${run.name} in epoch ${epoch}: ${wordsOf(record)}`]
      : [];
  });
}

function briefs(records: readonly JsonRecord[]): readonly JsonRecord[] {
  return records.map((record) => Object.fromEntries(shownFields.map((field) => [field, record[field]])));
}

function unlikeSingle({ shown }: Evidence): string[] {
  const single = briefs(shown.single);
  return (['active', 'standby'] as const).flatMap((role) =>
    briefs(shown[role]).flatMap((brief, index) =>
      isDeepStrictEqual(brief, single[index])
        ? []
        : [`${role}: ${JSON.stringify(brief)} where a single watcher has ${JSON.stringify(single[index])}`],
    ),
  );
}

/** The exit code of a start while the database is away. A supervisor starts it again. */
const cannotUseState = '73';

/** A signal that comes before the program listens to it ends it, too. */
function isOrdered(ending: string | undefined): boolean {
  return ending === 'SIGKILL' || ending === 'SIGTERM' || ending === '0';
}

function ownEnds(runs: readonly Run[]): string[] {
  return runs
    .filter(
      ({ ending, stderr }) =>
        !isOrdered(ending) && !(ending === cannotUseState && stderr.includes('cannot be used')),
    )
    .map(({ name, ending, stderr }) => `${name}: ${ending}\n${stderr}`);
}

function repeated(values: readonly string[]): string[] {
  const seen = new Set<string>();
  return values.filter((value) => seen.size === seen.add(value).size);
}

function wordsOf({ event, migration, to, eventId }: JsonRecord): string {
  const words = [event, migration, to, eventId].filter((word) => word !== undefined);
  return words.map(String).join(' ');
}

/** Returns a heading with some of the cases; nothing where there is none. */
function some(what: string, cases: readonly string[]): string[] {
  if (cases.length === 0) return [];
  const shown = cases.slice(0, mostOfAKind);
  const more = cases.length > shown.length ? [`  and ${cases.length - shown.length} more`] : [];
  return [`${cases.length} ${what}:`, ...shown.map((text) => `  ${text}`), ...more];
}
