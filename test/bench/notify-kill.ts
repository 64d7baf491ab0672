/**
 * Kills the watcher and its receivers again and again while migrations change, and compares what arrived with the event
 * log: every event at each receiver at least once, in the order of the log, with its id and a valid signature.
 * Usage: npm run bench:notify-kill [-- --kills 1000 --receiver-kills 200 --migrations 10]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runKillTrial } from '../e2e/notify-kills.ts';
import { formatTable, print } from './report.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    'receiver-kills': { type: 'string', default: '200' },
    migrations: { type: 'string', default: '10' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'cutover-watch-kill-'));
const begun = performance.now();
const { problems, events, killedWhileWatching, receivers } = await runKillTrial({
  folder,
  migrations: Number(values.migrations),
  kills: Number(values.kills),
  receiverKills: Number(values['receiver-kills']),
  restMs: 600_000,
  onProgress: (kills) => {
    if (kills % 50 === 0) print(`${kills} kills after ${Math.round((performance.now() - begun) / 1000)} s`);
  },
});
print(
  formatTable(
    ['receiver', 'events in the log', 'messages', 'of them repeated'],
    receivers.map(({ sink, messages, repeated }) => [
      sink,
      String(events),
      String(messages),
      String(repeated),
    ]),
  ),
);
print(`${killedWhileWatching} of ${values.kills} kills came after the first event about a migration.`);
print(problems.length === 0 ? 'Nothing is missing or out of order.' : problems.join('\n'));
if (problems.length === 0) rmSync(folder, { recursive: true });
else print(`Kept: ${folder}`);
process.exitCode = problems.length === 0 ? 0 : 1;
