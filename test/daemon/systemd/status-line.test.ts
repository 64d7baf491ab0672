import { expect, it } from 'vitest';
import { statusLine } from '../../../src/daemon/systemd/status-line.ts';
import type { MigrationState } from '../../../src/state/migration-state.ts';
import { hour, minute, type Outcome, play, policy, start } from '../../watch/sample-migrations.ts';

const after = (...outcomes: readonly Outcome[]): MigrationState => play(outcomes).state as MigrationState;
const ready = after({ status: 'WORKING', readyForCutover: true });
const unreachable = after({ status: 'WORKING' }, 'network', 'network', 'network');
const complete = after({ readyForCutover: true }, { status: 'COMPLETE' });

const failing = after({ status: 'WORKING' }, 'network', 'network');

it.each<[string, readonly (MigrationState | undefined)[], number]>([
  ['1 migration: 0 ready for cutover, 1 not read yet', [undefined], start],
  ['2 migrations: 0 ready for cutover', [after({ status: 'NEW' }), after({ status: 'WORKING' })], start],
  [
    '2 migrations: 0 ready for cutover, 1 unreachable, 1 settled',
    [unreachable, complete],
    start + 3 * minute,
  ],
  ['1 migration: 0 ready for cutover', [failing], start + 2 * minute],
  ['2 migrations: 1 ready for cutover, 1 not read yet; next deadline in 5 d', [ready, undefined], start],
  ['1 migration: 1 ready for cutover; next deadline in 4 h 59 min', [ready], start + 115 * hour + 1],
  ['1 migration: 1 ready for cutover; next deadline in less than 1 min', [ready], start + 120 * hour - 1],
  ['1 migration: 1 ready for cutover; a deadline passed 7 min ago', [ready], start + 120 * hour + 7 * minute],
])('says "%s"', (line, states, now) => {
  expect(statusLine(states, policy, now)).toBe(line);
});
