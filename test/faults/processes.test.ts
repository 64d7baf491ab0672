import { test } from 'vitest';
import { playTogether } from './play-together.ts';
import { processRows } from './processes.ts';

playTogether(test, 'each fault of the process, its pipe and its clock loses nothing', processRows);
