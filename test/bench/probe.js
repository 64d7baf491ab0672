/**
 * Loaded into the watched program before it starts, to measure what can only be seen from inside. It is no TypeScript:
 * what Node.js loads to read that would be counted as memory of the program.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';

const resolutionMs = 10;
const loop = monitorEventLoopDelay({ resolution: resolutionMs });
let commits = 0;
// oxlint-disable-next-line typescript/unbound-method -- called on the database that it was asked of
DatabaseSync.prototype.exec = new Proxy(DatabaseSync.prototype.exec, {
  apply(exec, database, [sql]) {
    if (sql === 'COMMIT') commits += 1;
    return Reflect.apply(exec, database, [sql]);
  },
});

loop.enable();
process.on('message', () => {
  process.send?.({
    // The time that it meant to sleep is no delay.
    loopP99Ms: loop.percentile(99) / 1e6 - resolutionMs,
    loopMaxMs: loop.max / 1e6 - resolutionMs,
    commits,
    heapMb: process.memoryUsage().heapUsed / 2 ** 20,
  });
  loop.reset();
  commits = 0;
});
process.channel?.unref();
