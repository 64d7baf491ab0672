/**
 * How wrong the estimate of readiness is, on made-up traces polled every 30 s or as often as is said: the ratio between estimate and truth,
 * beside what the latest two samples alone would say. Usage: npm run bench:lag [-- --traces N --seed N --every SECONDS]
 */
import { parseArgs } from 'node:util';
import type { LagSample } from '../../src/state/store.ts';
import { initialState } from '../../src/watch/migration/event-draft.ts';
import { estimateOf } from '../../src/watch/migration/lag-stall.ts';
import { estimateReady, lagTrend, recentSamples } from '../../src/watch/migration/lag-trend.ts';
import { digits, formatTable, percent, print, quantile } from './report.ts';
import { type Trace, traceKinds, tracesOf } from './traces.ts';

/** Below one interval no difference can be seen. */
const floorSeconds = 30;
/** As the watcher assumes; its own constant is private to it. */
const readyLagSeconds = 30;
/** The range is to hold the truth in this share of the cases, in per cent, whatever there is to go. */
const aim = 80;
const ranges = [
  { name: '< 10 min', below: 10 * 60 },
  { name: '10-60 min', below: 60 * 60 },
  { name: '> 1 h', below: Number.POSITIVE_INFINITY },
] as const;

/** From the earliest to the latest; open at its end where the latter is infinite. */
interface Range {
  readonly earliest: number;
  readonly latest: number;
}

/** What was said at one poll, all in seconds from then. */
interface Said {
  readonly truth: number;
  readonly estimate: number | undefined;
  readonly naive: number | undefined;
  readonly range: Range | undefined;
}

const { values } = parseArgs({
  options: {
    traces: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    every: { type: 'string', default: '30' },
  },
});
const pollEverySeconds = Number(values.every);
const begun = performance.now();
const said = traceKinds.map((kind) => ({
  kind: kind as string,
  said: tracesOf(kind, Number(values.traces), Number(values.seed)).flatMap(sayAll),
}));
const rows = [...said, { kind: 'all', said: said.flatMap((each) => each.said) }].flatMap(tableRows);
print(
  `Estimate of readiness against truth, ${values.traces} traces of each kind, a poll every ${pollEverySeconds} s.\n` +
    `Ratios are max(r, 1/r) of estimate and truth, both at least ${floorSeconds} s; "given": share of polls with an estimate.\n` +
    `"in range": the range holds the truth; "width": median of its width, as a share of the truth; "open": it has no latest.`,
);
print(
  formatTable(
    [
      'trace',
      'to go',
      'polls',
      'given',
      'median',
      '90 %',
      'in range',
      'width',
      'open',
      'naive given',
      'median',
      '90 %',
    ],
    rows,
  ),
);
const missed = rows.filter(
  ([kind, , , , , , held]) => kind === 'all' && Number.parseInt(held ?? '', 10) < aim,
);
print(`The aim of ${aim} % in range for all traces is ${missed.length === 0 ? 'reached' : 'missed'}.`);
print(`Took ${digits((performance.now() - begun) / 1000, 1)} s.`);

function sayAll({ copiedAt, readyAt, lagAt }: Trace): Said[] {
  const all: Said[] = [];
  let samples: readonly LagSample[] = [];
  for (let second = copiedAt; second < readyAt; second += pollEverySeconds) {
    const lagTimeSeconds = lagAt(second);
    if (lagTimeSeconds === undefined) continue;
    const observedAt = second * 1000;
    const last = samples.at(-1);
    samples = recentSamples([...samples, { lagTimeSeconds, observedAt }]);
    const state = { ...initialState(0), observation: { lagTimeSeconds, observedAt } };
    const estimate = estimateOf(state, lagTrend(samples));
    const truth = readyAt - second;
    all.push({
      truth,
      estimate: estimate?.seconds,
      naive: last && naiveEstimate(last, { lagTimeSeconds, observedAt }),
      range: estimate && { earliest: estimate.earliest, latest: estimate.latest ?? Infinity },
    });
  }
  return all;
}

/** What the latest two samples alone say. */
function naiveEstimate(before: LagSample, { lagTimeSeconds, observedAt }: LagSample): number | undefined {
  const perMinute = ((lagTimeSeconds - before.lagTimeSeconds) * 60_000) / (observedAt - before.observedAt);
  const trend = { perMinute, fastest: perMinute, slowest: perMinute, level: lagTimeSeconds };
  return estimateReady(trend, readyLagSeconds)?.seconds;
}

function tableRows({
  kind,
  said: all,
}: {
  readonly kind: string;
  readonly said: readonly Said[];
}): string[][] {
  return ranges.map(({ name, below }, index) => {
    const above = ranges[index - 1]?.below ?? 0;
    const here = all.filter(({ truth }) => truth >= above && truth < below);
    const robust = ratios(here, 'estimate');
    const naive = ratios(here, 'naive');
    return [
      kind,
      name,
      String(here.length),
      percent(robust.length, here.length),
      digits(quantile(robust, 0.5), 2),
      digits(quantile(robust, 0.9), 2),
      percent(here.filter(rangeHolds).length, robust.length),
      digits(quantile(here.flatMap(relativeWidth), 0.5), 2),
      percent(here.filter(({ range }) => range?.latest === Infinity).length, robust.length),
      percent(naive.length, here.length),
      digits(quantile(naive, 0.5), 2),
      digits(quantile(naive, 0.9), 2),
    ];
  });
}

function rangeHolds({ truth, range }: Said): boolean {
  return range !== undefined && truth >= range.earliest && truth <= range.latest;
}

function relativeWidth({ truth, range }: Said): number[] {
  return range === undefined ? [] : [(range.latest - range.earliest) / Math.max(floorSeconds, truth)];
}

function ratios(all: readonly Said[], key: 'estimate' | 'naive'): number[] {
  return all.flatMap(({ truth, [key]: estimate }) => {
    if (estimate === undefined) return [];
    const ratio = Math.max(floorSeconds, estimate) / Math.max(floorSeconds, truth);
    return [Math.max(ratio, 1 / ratio)];
  });
}
