/**
 * Loaded by the program before itself: counts which functions run, block by block, and hands over the counts since the
 * last time whenever its parent asks. It counts from the start, as V8 counts no blocks of what is compiled before.
 */
import { type Profiler, Session } from 'node:inspector';

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

process.on('message', (root: string) => {
  session.post('Profiler.takePreciseCoverage', (error: Error | null, taken) => {
    if (error !== null) throw error;
    process.send?.(ofSource(taken.result, root));
  });
});
process.channel?.unref();

/** Returns the scripts below `root`, the address of a folder. */
function ofSource(scripts: Profiler.ScriptCoverage[], root: string): Profiler.ScriptCoverage[] {
  return scripts.filter(({ url }) => url.startsWith(root));
}
