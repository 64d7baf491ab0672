import { test } from 'vitest';
import { stateRows } from './tmp-8m.ts';
import { playTogether } from './play-together.ts';
playTogether(test, '8m', stateRows.slice(0, 1));
