import { test } from 'vitest';
import { configurationRows } from './configurations.ts';
import { playTogether } from './play-together.ts';
import { stateAtStartRows } from './state-at-start.ts';
import { stateRows } from './state-files.ts';

playTogether(
  test,
  'each fault of a file is reported in its own words, loses nothing, and its end is noticed',
  [...stateRows, ...stateAtStartRows, ...configurationRows],
);
