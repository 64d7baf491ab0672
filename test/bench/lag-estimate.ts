/**
 * How wrong the estimate of readiness and the warnings of stalls are, on made-up migrations polled every 30 s or as
 * often as is said. Usage: npm run bench:lag [-- --traces N --seed N --every SECONDS --kinds]
 */
import { parseArgs } from 'node:util';
import { estimateReady, type ReadyEstimate } from '../../src/watch/migration/lag-estimate.ts';
import { addSample, noSamples } from '../../src/watch/migration/lag-samples.ts';
import { type StallScore, scoreStalls, sumOf } from './lag-stalls.ts';
import { type Life, lifeKinds, livesOf } from './lives.ts';
import { digits, formatTable, percent, print, quantile } from './report.ts';
import { type Trace, traceKinds, tracesOf } from './traces.ts';

/** What was said at one poll, all in seconds from then. */
interface Said {
  readonly truth: number;
  readonly estimate: ReadyEstimate | undefined;
}

/** The range is to hold the truth in this share of the cases, in per cent, and to be no wider an hour before. */
const aim = { held: 90, widthAnHourBefore: 2.1 };
const horizons = [
  { name: '10 min', seconds: 600, everyPolls: 1 },
  { name: '1 h', seconds: 3_600, everyPolls: 4 },
  { name: '4 h', seconds: 4 * 3_600, everyPolls: 12 },
] as const;
/** A poll counts for a horizon if its time to go differs by at most this share. */
const around = 0.15;
/** Words are plain where the range is at most this multiple of the estimate wide. */
const narrow = 1.5;

const { values } = parseArgs({
  options: {
    traces: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    every: { type: 'string', default: '30' },
    kinds: { type: 'boolean', default: false },
  },
});
const [count, seed, everySeconds] = [Number(values.traces), Number(values.seed), Number(values.every)];
const begun = performance.now();
const lives = lifeKinds.map((kind) => ({ kind: kind as string, lives: livesOf(kind, count, seed) }));
const traces = traceKinds.map((kind) => ({ kind: `${kind} (simple)`, lives: tracesOf(kind, count, seed) }));
const said = [...lives, ...traces].map(({ kind, lives: some }) => ({ kind, said: some.map(sayAll) }));
const all = said.flatMap((each) => each.said);

print(
  `Estimate of readiness against truth, ${count} migrations of each of ${said.length} kinds, a poll every ${everySeconds} s.\n` +
    'Each migration counts alike. Ratio: max(r, 1/r) of estimate and truth; width: median, as a share of the truth;\n' +
    `plain: the range is at most ${narrow} times the estimate wide, so that words are plain.`,
);
const head = ['kind', 'before', 'given', 'ratio', 'in range', 'width', 'plain', 'ratio', 'in range'];
const kindRows = said.flatMap(({ kind, said: some }) => horizons.map((each) => rowOf(kind, some, each)));
print(
  formatTable(head, [...(values.kinds ? kindRows : []), ...horizons.map((each) => rowOf('all', all, each))]),
);
const heldAt = horizons.map(({ seconds }) => shareHeld(all.map((some) => near(some, seconds))));
const [, hourRow] = horizons.map((each) => rowOf('all', all, each));
const reached =
  heldAt.every((share) => share * 100 >= aim.held) && Number(hourRow?.[5]) <= aim.widthAnHourBefore;
print(
  `The aim of ${aim.held} % in range, at most ${aim.widthAnHourBefore} wide an hour before, is ${reached ? 'reached' : 'missed'}.`,
);

const stalls = lives.map(({ kind, lives: some }) => ({ kind, ...scoreStalls(some, everySeconds) }));
print(
  'Stalls, with stallAfter at 30 min. False: the lag came down in that time; repeated: without a new low since the one\n' +
    'before; real: no new low for 45 min; missed: of these.',
);
const stallRow = (kind: string, { told, wrong, repeated, real, missed, most }: StallScore): string[] =>
  [kind, told, wrong, repeated, real, missed, most].map(String);
print(
  formatTable(
    ['kind', 'told', 'false', 'repeated', 'real', 'missed', 'most of one'],
    [
      ...(values.kinds ? stalls.map((each) => stallRow(each.kind, each)) : []),
      stallRow('all', sumOf(stalls)),
    ],
  ),
);
print(`Took ${digits((performance.now() - begun) / 1000, 1)} s.`);

/** Returns what is said of one migration near the horizons. */
function sayAll({ copiedAt, readyAt, lagAt }: Life | Trace): readonly Said[] {
  const some: Said[] = [];
  let samples = noSamples;
  for (let second = copiedAt, poll = 0; second < readyAt; second += everySeconds, poll += 1) {
    const lagTimeSeconds = lagAt(second);
    if (lagTimeSeconds === undefined) continue;
    samples = addSample(samples, { lagTimeSeconds, observedAt: second * 1000 });
    const truth = readyAt - second;
    const horizon = horizons.find(({ seconds }) => Math.abs(truth / seconds - 1) < around);
    if (horizon !== undefined && (everySeconds > 60 || poll % horizon.everyPolls === 0))
      some.push({ truth, estimate: estimateReady(samples) });
  }
  return some;
}

function near(some: readonly Said[], seconds: number): readonly Said[] {
  return some.filter(({ truth }) => Math.abs(truth / seconds - 1) < around);
}

function rowOf(
  kind: string,
  lists: readonly (readonly Said[])[],
  { name, seconds }: (typeof horizons)[number],
): string[] {
  const here = lists.map((some) => near(some, seconds));
  const plain = here.map((some) => some.filter(isPlain));
  const given = here.flat().filter(({ estimate }) => estimate !== undefined);
  return [
    kind,
    name,
    percent(given.length, here.flat().length),
    digits(quantile(here.flat().flatMap(ratioOf), 0.5), 2),
    `${Math.round(100 * shareHeld(here))} %`,
    digits(quantile(here.flat().flatMap(widthOf), 0.5), 2),
    percent(plain.flat().length, given.length),
    digits(quantile(plain.flat().flatMap(ratioOf), 0.5), 2),
    plain.flat().length === 0 ? '' : `${Math.round(100 * shareHeld(plain))} %`,
  ];
}

/** Returns in which share of the cases the range holds the truth; each migration counts alike. */
function shareHeld(lists: readonly (readonly Said[])[]): number {
  const shares = lists.flatMap((some) => {
    const held = some.flatMap(({ truth, estimate }) =>
      estimate === undefined ? [] : [Number(truth >= estimate.earliest && truth <= estimate.latest)],
    );
    return held.length === 0 ? [] : [held.reduce((sum, each) => sum + each, 0) / held.length];
  });
  return shares.reduce((sum, each) => sum + each, 0) / shares.length;
}

function isPlain({ estimate }: Said): boolean {
  return estimate !== undefined && estimate.latest - estimate.earliest <= narrow * estimate.seconds;
}

function ratioOf({ truth, estimate }: Said): number[] {
  return estimate === undefined ? [] : [Math.max(estimate.seconds / truth, truth / estimate.seconds)];
}

function widthOf({ truth, estimate }: Said): number[] {
  return estimate === undefined ? [] : [(estimate.latest - estimate.earliest) / truth];
}
