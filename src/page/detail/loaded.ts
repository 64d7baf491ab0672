import { useCallback, useEffect, useState } from 'preact/hooks';

/** What is loaded for the detail. A former value stays while another is loaded, and where loading fails. */
export interface Loaded<Value> {
  readonly value: Value | undefined;
  /** Why it could not be loaded, in a sentence; undefined while it can. */
  readonly fault: string | undefined;
  /** Counts what has been loaded. */
  readonly number: number;
  /** Loads again. */
  readonly retry: () => void;
}

/** Loads at the start, and again where one of `inputs` changes. */
export function useLoaded<Value>(load: () => Promise<Value>, inputs: readonly unknown[]): Loaded<Value> {
  const [result, setResult] = useState<Pick<Loaded<Value>, 'value' | 'fault' | 'number'>>({
    value: undefined,
    fault: undefined,
    number: 0,
  });
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    load().then(
      (value) => isCurrent && setResult(({ number }) => ({ value, fault: undefined, number: number + 1 })),
      (error: unknown) => isCurrent && setResult((former) => ({ ...former, fault: faultOf(error) })),
    );
    return () => {
      isCurrent = false;
    };
  }, [...inputs, tries]);
  const retry = useCallback(() => setTries((count) => count + 1), []);
  return { ...result, retry };
}

/** Returns why something could not be loaded, in a sentence for people. */
function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return 'The reason is not known.';
  if (error.name === 'TimeoutError') return 'The watcher did not answer in time.';
  // A TypeError comes from fetch or from import(): the network, or a file that a newer version no longer has.
  if (error.name === 'TypeError')
    return /import|module/i.test(error.message)
      ? 'The watcher was updated, or cannot be reached: reload the page.'
      : 'The watcher cannot be reached.';
  return error.message;
}
