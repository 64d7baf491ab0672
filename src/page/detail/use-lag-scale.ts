import { useState } from 'preact/hooks';
import type { LagScale } from './lag-scale.ts';

const storageKey = 'cutover-watch.lag-scale';

/** Returns the scale that this browser has chosen, and a function that chooses another one. */
export function useLagScale(): readonly [scale: LagScale, choose: (scale: LagScale) => void] {
  const [scale, setScale] = useState<LagScale>(stored);
  const choose = (next: LagScale): void => {
    setScale(next);
    try {
      localStorage.setItem(storageKey, next);
    } catch {
      // A browser may keep nothing: the choice then holds for this page.
    }
  };
  return [scale, choose];
}

function stored(): LagScale {
  try {
    return localStorage.getItem(storageKey) === 'log' ? 'log' : 'linear';
  } catch {
    return 'linear';
  }
}
