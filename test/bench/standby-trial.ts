/**
 * Does all kinds of things to two watchers that share a PostgreSQL database, while migrations change all the time, and
 * compares the event log with what Atlas has served and with what a single watcher has said, to which nothing happens.
 * Usage: npm run bench:standby [-- --rounds 200 --seed 1 --pgbouncer --networks --migrations 40 --lease 5 --kinds kill,stop]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { digits, formatTable, print, quantile } from './report.ts';
import { isApart, runApart } from './standby-network.ts';
import { judge } from './standby-oracle.ts';
import { type Evidence, runStandbyTrial } from './standby-run.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    migrations: { type: 'string', default: '40' },
    lease: { type: 'string', default: '5' },
    kinds: { type: 'string' },
    pgbouncer: { type: 'boolean', default: false },
    networks: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
// What is done to networks is done apart from that of the machine.
if (values.networks && !isApart) process.exit(runApart());
const folder = mkdtempSync(join(tmpdir(), 'cutover-watch-standby-'));
const rounds = Number(values.rounds);
const begun = performance.now();
const evidence = await runStandbyTrial({
  folder: join(folder, 'trial'),
  seed: Number(values.seed),
  rounds,
  migrations: Number(values.migrations),
  leaseSeconds: Number(values.lease),
  throughPgbouncer: values.pgbouncer,
  ownNetworks: values.networks,
  ...(values.kinds !== undefined && { kinds: values.kinds.split(',') }),
  onRound: (round, faults, calmMs) => {
    const seconds = Math.round((performance.now() - begun) / 1_000);
    if (values.verbose || round % 20 === 0)
      print(
        `${seconds} s: round ${round}: ${faults.join(' + ')}${calmMs === undefined ? '' : `; calm after ${digits(calmMs / 1_000, 1)} s`}`,
      );
  },
});
const judgment = judge(evidence);
keep(evidence);
print(
  `Seed ${values.seed}, ${rounds} rounds${values.pgbouncer ? ' through pgbouncer' : ''}, a lease of ${values.lease} s.`,
);
const kinds = Map.groupBy(evidence.faults, ({ name }) => name);
print(
  formatTable(
    ['fault', 'times'],
    [...kinds]
      .map(([name, all]) => [name, String(all.length)])
      .toSorted(([one = ''], [other = '']) => one.localeCompare(other)),
  ),
);
print(
  formatTable(
    ['takeover, s', 'count', 'median', '95 %', 'max', 'disturbed by others', 'their max'],
    (['crash', 'stop'] as const).map((kind) => {
      const all = judgment.takeovers.filter((takeover) => takeover.kind === kind);
      const undisturbed = all.filter(({ isDisturbed }) => !isDisturbed).map(({ ms }) => ms / 1_000);
      const disturbed = all.filter(({ isDisturbed }) => isDisturbed).map(({ ms }) => ms / 1_000);
      return [
        `after a ${kind}`,
        String(undisturbed.length),
        ...[0.5, 0.95, 1].map((share) => digits(quantile(undisturbed, share), 2)),
        String(disturbed.length),
        digits(quantile(disturbed, 1), 2),
      ];
    }),
  ),
);
const { overlaps } = judgment;
print(
  `${judgment.events} events in the log, ${judgment.transitions} changes of patient migrations, ${judgment.epochs} leases taken, ${evidence.audit.commits} commits.\n` +
    `${judgment.unfenced} lines are marked unfenced: ${judgment.unfencedKept} of them are in the log under the same id; ${judgment.onlyUnfenced} changes are on such a line alone.\n` +
    `${overlaps.polls} polls; ${overlaps.cutOff} of one that was cut off from the database while the other held the lease, ${overlaps.underWay} under way when it was suspended, ${overlaps.beyond} beyond the bounds.\n` +
    `All was well again after the faults of a round: median ${digits(quantile(evidence.calms, 0.5) / 1_000, 1)} s, 95 % ${digits(quantile(evidence.calms, 0.95) / 1_000, 1)} s, max ${digits(quantile(evidence.calms, 1) / 1_000, 1)} s.`,
);
const problems = [...judgment.problems, ...judgment.late];
print(problems.length === 0 ? 'Nothing is missing, doubled, or out of order.' : problems.join('\n'));
if (problems.length === 0) rmSync(folder, { recursive: true });
else print(`Kept: ${folder}`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** Keeps all that is needed to understand a problem. */
function keep({ runs, log, singleLog, faults, audit, course }: Evidence): void {
  const lines = runs
    .flatMap((run) => run.lines.map(({ at, record }) => ({ at, run: run.name, ...record })))
    .toSorted((one, other) => one.at - other.at);
  write('lines', lines);
  write('log', log);
  write('single', singleLog);
  write('faults', faults);
  write('taken', audit.taken);
  write('polls', course.polls);
  write(
    'runs',
    runs.map(({ lines: _lines, ...run }) => run),
  );
}

function write(name: string, records: readonly object[]): void {
  writeFileSync(
    join(folder, `${name}.ndjson`),
    records.map((record) => `${JSON.stringify(record)}\n`).join(''),
  );
}
