/** Returns a function that runs the work once at a time: all calls while it runs share the run after it. */
export function oneAtATime(work: () => Promise<boolean>): () => Promise<boolean> {
  let running = Promise.resolve(true);
  let next: Promise<boolean> | undefined;
  const run = (): Promise<boolean> => {
    next = undefined;
    running = work();
    return running;
  };
  return () => {
    next ??= running.then(run, run);
    return next;
  };
}

/** Runs the work after this delay in ms; with 0, at the end of the turn. */
export function runAfter(work: () => void, delayMs: number): void {
  if (delayMs === 0) setImmediate(work);
  else setTimeout(work, delayMs).unref();
}
