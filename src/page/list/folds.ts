import { useState } from 'preact/hooks';

const storageKey = 'cutover-watch.unfolded';

/** Which groups this browser shows unfolded, by `label:value`. Returns them, and a function that folds or unfolds one. */
export function useFolds(): readonly [ReadonlySet<string>, (key: string) => void] {
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(read);
  return [
    unfolded,
    (key) => {
      const next = new Set(unfolded);
      if (!next.delete(key)) next.add(key);
      setUnfolded(next);
      write(next);
    },
  ];
}

function read(): ReadonlySet<string> {
  try {
    const keys: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]');
    return new Set(Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : []);
  } catch {
    return new Set();
  }
}

/** A browser may refuse to store anything: then a reload folds everything. */
function write(keys: ReadonlySet<string>): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify([...keys]));
  } catch {}
}
