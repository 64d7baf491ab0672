/**
 * How late readiness is seen, on made-up traces: polled as the watcher would, against a poller of one fixed interval
 * that spends as many requests on the same trace. Usage: npm run bench:cadence [-- --traces N --seed N]
 */
import { parseArgs } from 'node:util';
import { type Cadence, cadenceOf } from '../../src/watch/migration/cadence.ts';
import { initialState } from '../../src/watch/migration/event-draft.ts';
import { readySoon } from '../../src/watch/migration/lag-estimate.ts';
import { addSample, noSamples } from '../../src/watch/migration/lag-samples.ts';
import { middleLag } from '../../src/watch/migration/lag-trend.ts';
import { type Random, randomOf } from './random.ts';
import { digits, formatTable, mean, percent, print, quantile } from './report.ts';
import { type Trace, traceKinds, tracesOf } from './traces.ts';

const defaultSeconds = 30;
const approachingSeconds = 5;
const policy = { approachingLagMs: 5 * 60_000 };
const aim = 4;
/** The fixed interval's delay depends on its phase, and costs nothing to try. */
const phasesOfFixed = 100;
const phasesOfWatcher = 4;

/** One watch of one trace: how late each of the two saw readiness, in seconds. */
interface Race {
  readonly polls: number;
  readonly fastPolls: number;
  readonly intervalSeconds: number;
  readonly delay: number;
  readonly fixedDelays: readonly number[];
}

const { values } = parseArgs({
  options: { traces: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' } },
});
const begun = performance.now();
const phases = randomOf(Number(values.seed));
const traces = traceKinds.map((kind) => ({
  kind: kind as string,
  traces: tracesOf(kind, Number(values.traces), Number(values.seed)),
}));
compare('from the creation of a migration on', () => 0);
compare('from its first lag on, without the initial copy', ({ copiedAt }) => copiedAt);
print(`Took ${digits((performance.now() - begun) / 1000, 1)} s.`);

/** Prints one table, and whether the mean delay over all traces is as much shorter as it is meant to be. */
function compare(title: string, beginOf: (trace: Trace) => number): void {
  const kinds = traces.map(({ kind, traces: some }) => ({
    kind,
    races: some.flatMap((trace) =>
      Array.from({ length: phasesOfWatcher }, () => race(trace, beginOf(trace), phases)),
    ),
  }));
  const all = kinds.flatMap(({ races }) => races);
  print(
    `Delay from ready to seen, ${title}, in seconds; ${values.traces} traces of each kind, ${phasesOfWatcher} phases each.`,
  );
  print(
    formatTable(
      ['trace', 'polls', 'fast', 'mean', 'median', '90 %', 'fixed every', 'mean', 'median', '90 %', 'ratio'],
      [...kinds, { kind: 'all', races: all }].map(tableRow),
    ),
  );
  const ratio = ratioOf(all);
  print(
    `Mean delay ${digits(ratio, 2)} times shorter; the aim of ${aim} is ${ratio >= aim ? 'reached' : 'missed'}.`,
  );
}

function tableRow({ kind, races }: { readonly kind: string; readonly races: readonly Race[] }): string[] {
  const delays = races.map(({ delay }) => delay);
  const fixed = races.flatMap(({ fixedDelays }) => fixedDelays);
  const polls = races.reduce((sum, each) => sum + each.polls, 0);
  return [
    kind,
    String(Math.round(polls / races.length)),
    percent(
      races.reduce((sum, { fastPolls }) => sum + fastPolls, 0),
      polls,
    ),
    ...[mean(delays), quantile(delays, 0.5), quantile(delays, 0.9)].map((delay) => digits(delay, 1)),
    digits(mean(races.map(({ intervalSeconds }) => intervalSeconds)), 1),
    ...[mean(fixed), quantile(fixed, 0.5), quantile(fixed, 0.9)].map((delay) => digits(delay, 1)),
    digits(ratioOf(races), 2),
  ];
}

function ratioOf(races: readonly Race[]): number {
  return mean(races.flatMap(({ fixedDelays }) => fixedDelays)) / mean(races.map(({ delay }) => delay));
}

function race(trace: Trace, begin: number, random: Random): Race {
  const { seenAt, polls, fastPolls } = watch(trace, begin, random.between(0, defaultSeconds));
  const intervalSeconds = (seenAt - begin) / polls;
  const fixedDelays = Array.from({ length: phasesOfFixed }, () => {
    const first = begin + random.between(0, intervalSeconds);
    const intervals = Math.ceil((trace.readyAt - first) / intervalSeconds);
    return first + Math.max(0, intervals) * intervalSeconds - trace.readyAt;
  });
  return { polls, fastPolls, intervalSeconds, delay: seenAt - trace.readyAt, fixedDelays };
}

/** Polls on the ticks of both schedules, those of the cadence that the latest observation decided. */
function watch({ readyAt, lagAt }: Trace, begin: number, phase: number) {
  let samples = noSamples;
  let cadence: Cadence = 'default';
  let polls = 0;
  let fastPolls = 0;
  for (let tick = 0; ; tick += 1) {
    const isDefault = (tick * approachingSeconds) % defaultSeconds === 0;
    if (cadence === 'default' && !isDefault) continue;
    const second = begin + phase + tick * approachingSeconds;
    polls += 1;
    if (cadence === 'approaching') fastPolls += 1;
    if (second >= readyAt) return { seenAt: second, polls, fastPolls };
    const lagTimeSeconds = lagAt(second);
    if (lagTimeSeconds === undefined) continue;
    const observedAt = second * 1000;
    samples = addSample(samples, { lagTimeSeconds, observedAt });
    const state = { ...initialState(0), observation: { lagTimeSeconds, observedAt } };
    const now = { seconds: middleLag(samples), readyInSeconds: readySoon(samples) };
    cadence = cadenceOf(cadence, state, now, policy);
  }
}
