import { test } from 'vitest';
import { stateRows } from './tmp-400k.ts';
import { playTogether } from './play-together.ts';
playTogether(test, '400k', stateRows.slice(0, 1));
