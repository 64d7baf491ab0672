import type { Delays } from './delays.ts';
import { digits, formatTable, print } from './report.ts';
import type { Scale } from './scale.ts';
import type { Target } from './targets.ts';

/** What `writeRemembered` looks back. */
const trendWindowSeconds = 15 * 60;

interface Measured {
  readonly scales: readonly Scale[];
  readonly delays: readonly Delays[];
}

/** Prints a table of what every size takes, how that grows, and how long news take. */
export function printScale({ scales, delays }: Measured, everySeconds: number, replyDelayMs: number): void {
  print(
    `Scale: a poll every ${everySeconds} s, a quarter of an hour of lag samples remembered, replies after ${replyDelayMs} ms; ${scales[0]?.rounds} rounds.`,
  );
  const columns: readonly (readonly [string, (scale: Scale) => string])[] = [
    ['migrations', ({ migrations }) => String(migrations)],
    ['projects', ({ projects }) => String(projects)],
    ['polls', ({ outage }) => (outage ? 'fail' : 'read')],
    ['missing', ({ missing }) => String(missing)],
    ['CPU % of a core', ({ cpuShare }) => digits(cpuShare * 100, 2)],
    ['CPU ms a poll', ({ cpuMsPerPoll }) => digits(cpuMsPerPoll, 3)],
    ['requests a poll', ({ requestsPerPoll }) => digits(requestsPerPoll, 3)],
    ['memory MB', ({ residentMb }) => digits(residentMb, 0)],
    ['peak', ({ peakMb }) => digits(peakMb, 0)],
    ['heap', ({ heapMb }) => digits(heapMb, 0)],
    ['late ms p50', ({ lateP50Ms }) => digits(lateP50Ms, 1)],
    ['p99', ({ lateP99Ms }) => digits(lateP99Ms, 1)],
    ['max', ({ lateMaxMs }) => digits(lateMaxMs, 0)],
    ['loop ms p99', ({ loopP99Ms }) => digits(loopP99Ms, 1)],
    ['max', ({ loopMaxMs }) => digits(loopMaxMs, 0)],
    ['round s', ({ roundSeconds }) => digits(roundSeconds, 2)],
    ['store MB', ({ storeMb }) => digits(storeMb, 1)],
    // With the state of each migration and what is unused of pages.
    [
      'bytes a sample',
      (scale) => (scale.outage ? '-' : digits((scale.storeMb * 2 ** 20) / samplesOf(scale, everySeconds), 0)),
    ],
    ['commits a round', ({ commitsPerRound }) => digits(commitsPerRound, 0)],
    ['scrape ms', ({ scrapeMs }) => digits(scrapeMs, 0)],
    ['MB', ({ scrapeMb }) => digits(scrapeMb, 2)],
  ];
  print(
    formatTable(
      columns.map(([name]) => name),
      scales.map((scale) => columns.map(([, show]) => show(scale))),
    ),
  );
  printGrowth(scales.filter(isUsual));
  print('Delay from turning ready to the line, in s; ideal is what the schedule alone makes of it:');
  print(
    formatTable(
      [
        'migrations',
        'every s',
        'lines',
        'missing',
        'mean',
        'ideal',
        'p50',
        'ideal',
        'p99',
        'ideal',
        'max',
        'ideal',
      ],
      delays.map((each) => [
        String(each.migrations),
        String(each.everySeconds),
        String(each.lines),
        String(each.missing),
        ...withIdeal(each.mean, 0.5 * each.everySeconds),
        ...withIdeal(each.p50, 0.5 * each.everySeconds),
        ...withIdeal(each.p99, 0.99 * each.everySeconds),
        ...withIdeal(each.max, each.everySeconds),
      ]),
    ),
  );
}

export function scaleTargets(scales: readonly Scale[]): readonly Target[] {
  const of = (migrations: number) =>
    scales.find((scale) => isUsual(scale) && scale.migrations === migrations);
  const failing = scales.find(({ outage }) => outage);
  const [hundred, thousand, most] = [of(100), of(1_000), of(10_000)];
  const atMost = { is: 'at most' } as const;
  return [
    {
      what: 'requests of a poll, 1,000 migrations, whole rounds',
      value: orNothing(thousand?.requestsPerPoll),
      limit: 1.02,
      ...atMost,
    },
    {
      what: 'cores for 10,000 migrations every 30 s',
      value: orNothing(most?.cpuShare),
      limit: 0.5,
      ...atMost,
    },
    {
      what: 'the same, each in its own project, while no poll can be read',
      value: failing?.migrations === 10_000 ? failing.cpuShare : Number.NaN,
      limit: 0.5,
      ...atMost,
    },
    {
      what: 'memory at 10,000 at its peak',
      value: orNothing(most?.peakMb),
      limit: 200,
      unit: ' MB',
      ...atMost,
    },
    {
      what: 'p99 lateness at 10,000',
      value: orNothing(most?.lateP99Ms),
      limit: 1_000,
      unit: ' ms',
      ...atMost,
    },
    {
      what: 'cost per migration, 10,000 / 100',
      value: orNothing(most?.cpuMsPerPoll) / orNothing(hundred?.cpuMsPerPoll),
      limit: 1.2,
      unit: 'x',
      ...atMost,
    },
    // A batch is several polls; ten to one commit is the least that deserves the name.
    {
      what: 'commits a poll at 10,000',
      value: orNothing(most?.commitsPerRound) / orNothing(most?.migrations),
      limit: 0.1,
      ...atMost,
    },
  ];
}

/** With projects of the usual size, and polls that can be read. */
function isUsual({ migrations, projects, outage }: Scale): boolean {
  return !outage && (migrations === 1 || projects < migrations);
}

/** How many lag samples the store holds: those remembered at the start, and one of each poll until now. */
function samplesOf({ migrations, polls, rounds }: Scale, everySeconds: number): number {
  const remembered = Math.floor(trendWindowSeconds / everySeconds);
  return migrations * (remembered + 1 + (polls === 0 ? 0 : rounds));
}

function orNothing(figure: number | undefined): number {
  return figure ?? Number.NaN;
}

/** What one more migration takes, and how many times as much as from the sizes before. */
function printGrowth(scales: readonly Scale[]): void {
  const rows = scales.slice(1).map((scale, index) => {
    const former = scales[index] ?? scale;
    const more = scale.migrations - former.migrations;
    return [
      `${former.migrations} to ${scale.migrations}`,
      digits(((scale.cpuShare - former.cpuShare) / more) * 1e5, 2),
      digits(((scale.residentMb - former.residentMb) / more) * 1_024, 1),
      digits(((scale.storeMb - former.storeMb) / more) * 1_024, 1),
      digits(scale.cpuMsPerPoll / former.cpuMsPerPoll, 2),
    ];
  });
  print('Growth: what each further migration takes.');
  print(
    formatTable(['from', 'CPU % of a core in 1,000', 'memory KB', 'store KB', 'CPU of a poll, times'], rows),
  );
}

function withIdeal(value: number, ideal: number): string[] {
  return [digits(value, 2), digits(ideal, 2)];
}
