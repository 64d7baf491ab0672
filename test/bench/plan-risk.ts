/**
 * How early a planned cutover that will fail is reported as at risk, and how often one that will not. Made-up migrations
 * of other seeds than those that the estimate was tuned on. Usage: npm run bench:plan [-- --traces N --seed N --kinds]
 */
import { parseArgs } from 'node:util';
import { applyPoll } from '../../src/watch/migration/apply-poll.ts';
import { noSamples } from '../../src/watch/migration/lag-samples.ts';
import { takeRequest } from '../../src/watch/migration/operator-request.ts';
import { orders, policy, resultOf } from '../watch/sample-migrations.ts';
import { type Life, lifeKinds, livesOf } from './lives.ts';
import { randomOf } from './random.ts';
import { digits, formatTable, percent, print, quantile } from './report.ts';
import { type Trace, traceKinds, tracesOf } from './traces.ts';

const everySeconds = 60;
const hour = 3_600;
/** What is expected: at risk at least so long before, in seconds, in this share of the cases. */
const aim = { before: hour, share: 0.8 };

const { values } = parseArgs({
  options: {
    traces: { type: 'string', default: '10' },
    seed: { type: 'string', default: '71' },
    kinds: { type: 'boolean', default: false },
  },
});
const [count, seed] = [Number(values.traces), Number(values.seed)];

/** How one plan went. Seconds. */
interface Course {
  /** So long after the plan it was ready; negative if before. */
  readonly lateBy: number;
  /** So long before the plan it was first reported as at risk; absent where it never was. */
  readonly warnedBefore?: number | undefined;
  /** How often a cause came up, and how often it was taken back. */
  readonly alarms: number;
  /** The causes that were reported. */
  readonly causes: ReadonlySet<unknown>;
}

function courseOf({ copiedAt, readyAt, lagAt }: Life | Trace, number: number): Course | undefined {
  const random = randomOf(seed * 1_000 + number);
  // Somebody plans once the lag is known, at least two hours ahead; the plan may be right or wrong.
  const earliest = copiedAt + hour / 2;
  const statedAt = random.between(earliest, earliest + Math.max(0, (readyAt - earliest) * 0.6));
  const soonest = statedAt + 2 * hour;
  const tooEarly = random.chance(0.6) && readyAt > soonest;
  const plannedAt = tooEarly
    ? random.between(soonest, readyAt)
    : random.between(Math.max(soonest, readyAt), Math.max(soonest, readyAt) + 6 * hour);
  let state: Parameters<typeof takeRequest>[1];
  let samples = noSamples;
  let isStated = false;
  let warnedAt: number | undefined;
  let alarms = 0;
  const causes = new Set<unknown>();
  for (let second = copiedAt; second < Math.min(readyAt, plannedAt); second += everySeconds) {
    const now = second * 1000;
    if (!isStated && second >= statedAt) {
      const { groupId, liveMigrationId, name: migration } = orders;
      const head = { id: 'plan', migration, groupId, liveMigrationId, requestedAt: now };
      state = takeRequest({ ...head, command: 'plan', at: plannedAt * 1000 }, state, now, policy).state;
      isStated = true;
    }
    const lagTimeSeconds = lagAt(second);
    const reading = {
      status: 'WORKING',
      readyForCutover: false,
      ...(lagTimeSeconds !== undefined && { lagTimeSeconds }),
    };
    const context = { target: orders, state, samples, cadence: 'default' as const, now, startedAt: now };
    const after = applyPoll(
      { ...context, resumed: false, intervalMs: everySeconds * 1000, isNotFoundShared: false },
      resultOf(reading),
      policy,
    );
    ({ state, samples } = after);
    for (const { event, cause } of after.events) {
      if (event !== 'migration.plan_at_risk') continue;
      alarms += 1;
      causes.add(cause);
      warnedAt ??= second;
    }
  }
  if (!isStated) return undefined;
  const warnedBefore = warnedAt === undefined ? undefined : plannedAt - warnedAt;
  return { lateBy: readyAt - plannedAt, warnedBefore, alarms, causes };
}

const begun = performance.now();
const kinds = [
  ...lifeKinds.map((kind) => ({ kind: kind as string, lives: livesOf(kind, count, seed) })),
  ...traceKinds.map((kind) => ({ kind: `${kind} (simple)`, lives: tracesOf(kind, count, seed) })),
].map(({ kind, lives }) => ({ kind, courses: lives.flatMap((life, n) => courseOf(life, n) ?? []) }));

function rowOf(kind: string, courses: readonly Course[]): string[] {
  const failing = courses.filter(({ lateBy }) => lateBy > 0);
  const good = courses.filter(({ lateBy }) => lateBy <= 0);
  const inTime = failing.filter(({ warnedBefore = 0 }) => warnedBefore >= aim.before);
  const ahead = inTime.map(({ warnedBefore = 0 }) => warnedBefore / hour);
  const wrong = good.filter(({ causes }) => causes.has('estimate'));
  const stalled = good.filter(({ causes }) => causes.has('stalled') && !causes.has('estimate'));
  return [
    kind,
    String(failing.length),
    percent(inTime.length, failing.length),
    digits(quantile(ahead, 0.5), 1),
    String(good.length),
    percent(wrong.length, good.length),
    percent(stalled.length, good.length),
    digits(courses.reduce((sum, { alarms }) => sum + alarms, 0) / Math.max(1, courses.length), 1),
  ];
}

print(
  `Plans at risk, ${count} migrations of each of ${kinds.length} kinds, a poll every ${everySeconds} s, seed ${seed}.\n` +
    'Failing: not ready at the planned time; in time: reported at least an hour before, and the median of how many hours.\n' +
    'False: reported by its estimate although it was ready in time; stalled: only because its lag stalled for a time.',
);
const all = kinds.flatMap(({ courses }) => courses);
print(
  formatTable(
    ['kind', 'failing', 'in time', 'hours', 'good', 'false', 'stalled', 'alarms each'],
    [...(values.kinds ? kinds.map(({ kind, courses }) => rowOf(kind, courses)) : []), rowOf('all', all)],
  ),
);
const failing = all.filter(({ lateBy }) => lateBy > 0);
const share = failing.filter(({ warnedBefore = 0 }) => warnedBefore >= aim.before).length / failing.length;
print(`The aim of an hour ahead in ${aim.share * 100} % is ${share >= aim.share ? 'reached' : 'missed'}.`);
print(`Took ${digits((performance.now() - begun) / 1000, 1)} s.`);
