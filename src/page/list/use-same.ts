import { useRef } from 'preact/hooks';

/** Returns the former list as long as the next one has the same items, so that nothing is drawn for a new array alone. */
export function useSame<Item>(next: readonly Item[]): readonly Item[] {
  const former = useRef(next);
  const isSame =
    former.current.length === next.length && next.every((item, index) => item === former.current[index]);
  if (!isSame) former.current = next;
  return former.current;
}
