import { test } from 'vitest';
import { stateRows } from './probe.ts';
import { playTogether } from './play-together.ts';
playTogether(test, 'probe', stateRows.slice(0, 1));
