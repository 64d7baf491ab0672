import { test } from 'vitest';
import { connectionRows } from './connections.ts';
import { digestRows } from './digest.ts';
import { playTogether } from './play-together.ts';

playTogether(
  test,
  'each fault between the program and Atlas is reported in its own words, loses nothing, and its end is noticed',
  [...connectionRows, ...digestRows],
);
