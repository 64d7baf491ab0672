/**
 * What watching costs, beside what people use instead: a poll, a fleet, the delay of news, a start, memory, wake-ups and
 * writes of one that idles, and the size. Prints tables, then every target with what was measured, and writes all of it
 * to test/bench/results/bench.json.
 * Usage: npm run bench [-- --quick] [--only cost|scale|start|footprint|size|week] [--latency MS] [--profile FOLDER]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { delayTarget } from './delays.ts';
import { footprintTargets, measureFootprints, printFootprints } from './footprint.ts';
import { measureMemoryGrowth, memoryGrowthTarget, printMemoryGrowth } from './memory-growth.ts';
import { measurePollCost, pollCostTargets, printPollCost } from './poll-cost.ts';
import { digits, print } from './report.ts';
import { measureScale } from './scale.ts';
import { printScale, scaleTargets } from './scale-report.ts';
import { measureSizes } from './sizes.ts';
import { measureStarts, printStarts, startTargets } from './start-times.ts';
import { judged, type Target, targetTable } from './targets.ts';

const full = {
  starts: 7,
  remembered: 10_000,
  runs: 3,
  polls: 1_000,
  groups: [[1, 100, 1_000], [10_000]],
  everySeconds: 30,
  rounds: 3,
  /** With a project each, and then in an outage. */
  spread: 10_000,
  weekly: 100,
  settleSeconds: 65,
  footprintSeconds: 480,
};
const quick = {
  ...full,
  starts: 2,
  remembered: 1_000,
  runs: 1,
  polls: 400,
  groups: [[1, 100, 1_000]],
  everySeconds: 5,
  spread: 1_000,
  weekly: 2,
  settleSeconds: 10,
  footprintSeconds: 30,
};

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    latency: { type: 'string', default: '20' },
    profile: { type: 'string' },
  },
});
const size = values.quick ? quick : full;
const replyDelayMs = Number(values.latency);
const folder = mkdtempSync(join(tmpdir(), 'cutover-watch-bench-'));
const results: Record<string, unknown> = {
  begun: new Date(),
  node: process.version,
  load: loadavg(),
  ...values,
};
const targets: Target[] = [];
const wants = (part: string): boolean => values.only === undefined || values.only === part;

print(
  `Node.js ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model}), load ${loadNow()} at the begin.`,
);
try {
  if (wants('size')) benchSizes();
  if (wants('start')) await benchStarts();
  if (wants('footprint')) await benchFootprint();
  if (wants('cost')) await benchPollCost();
  if (wants('scale')) await benchScale();
  if (wants('week')) await benchWeek();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
print(targetTable(targets));
print(`Load ${loadNow()} at the end. Results: ${writeResults()}`);

function benchSizes(): void {
  const sizes = measureSizes();
  results.sizes = sizes;
  const imageText = sizes.image === undefined ? 'no image built here' : `image ${digits(sizes.image, 0)} MB`;
  print(
    `Size: program ${digits(sizes.program, 2)} MB; the ${sizes.packages} packages of production that it is built from ${digits(sizes.dependencies, 1)} MB; ${imageText}.`,
  );
}

async function benchStarts(): Promise<void> {
  const times = await measureStarts({ runs: size.starts, remembered: size.remembered });
  results.starts = times;
  targets.push(...startTargets(times));
  printStarts(times);
}

async function benchFootprint(): Promise<void> {
  const { settleSeconds, footprintSeconds: seconds } = size;
  const footprints = await measureFootprints({ folder, settleSeconds, seconds, replyDelayMs });
  results.footprints = footprints;
  targets.push(...footprintTargets(footprints));
  printFootprints(footprints, seconds);
}

async function benchPollCost(): Promise<void> {
  // Peers poll one after the other: at the latency of Atlas they would wait for minutes.
  const options = { folder, runs: size.runs, polls: size.polls, replyDelayMs: Math.min(replyDelayMs, 2) };
  const costs = await measurePollCost(options);
  results.pollCost = costs;
  targets.push(...pollCostTargets(costs));
  printPollCost(costs, options);
}

async function benchScale(): Promise<void> {
  const { groups, everySeconds, rounds, spread } = size;
  const nodeOptions =
    values.profile === undefined
      ? []
      : [
          '--cpu-prof',
          `--cpu-prof-dir=${values.profile}`,
          '--heapsnapshot-signal=SIGUSR2',
          `--diagnostic-dir=${values.profile}`,
        ];
  const scale = await measureScale({
    folder,
    groups,
    spread,
    everySeconds,
    rounds,
    replyDelayMs,
    nodeOptions,
  });
  results.scale = scale;
  targets.push(...scaleTargets(scale.scales), delayTarget(scale.delays));
  printScale(scale, everySeconds, replyDelayMs);
}

async function benchWeek(): Promise<void> {
  const growth = await measureMemoryGrowth(folder, size.weekly);
  results.memoryGrowth = growth;
  targets.push(memoryGrowthTarget(growth));
  printMemoryGrowth(growth);
}

function writeResults(): string {
  const place = new URL('./results/', import.meta.url).pathname;
  mkdirSync(place, { recursive: true });
  const path = join(place, 'bench.json');
  writeFileSync(path, `${JSON.stringify({ ...results, targets: targets.map(judged) }, undefined, 2)}\n`);
  return path;
}

function loadNow(): string {
  return digits(loadavg()[0] ?? Number.NaN, 1);
}
