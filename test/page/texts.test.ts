import { expect, test } from 'vitest';
import { readinessWord, sinceOf } from '../../src/page/texts.ts';
import type { MigrationView } from '../../src/server/migration-view.ts';
import { hour, minute, orders, start } from '../watch/sample-migrations.ts';

const { name: migration, groupId, liveMigrationId } = orders;
const ids = { migration, groupId, liveMigrationId };
const at = (ms: number): string => new Date(start + ms).toISOString();
const seen = { firstSeen: at(0), observedAt: at(9 * hour), status: 'WORKING' };
const copied = { ...seen, statusSince: at(2 * hour) };
const outage = { since: at(8 * hour), failures: 9 };

test.each<[string, Partial<MigrationView>, ReturnType<typeof sinceOf>]>([
  ['undefined before the first successful poll', {}, undefined],
  ['the first observation where nothing else is known', seen, { at: at(0), word: 'first seen' }],
  ['the latest change of the status', copied, { at: at(2 * hour), word: 'WORKING' }],
  ['the readiness', { ...copied, readySince: at(4 * hour) }, { at: at(4 * hour), word: 'ready' }],
  [
    'a readiness that may have begun earlier',
    { ...copied, readySince: at(4 * hour), readySinceKnown: false },
    { at: at(4 * hour), word: 'ready, or earlier' },
  ],
  [
    'the beginning of a stall',
    { ...copied, stalledForSeconds: 42 * 60 },
    { at: at(9 * hour - 42 * minute), word: 'stalled' },
  ],
  ['an outage', { ...copied, reachable: false, outage }, { at: at(8 * hour), word: "can't be read" }],
  [
    'not an outage below the threshold',
    { ...copied, reachable: true, outage },
    { at: at(2 * hour), word: 'WORKING' },
  ],
  ['the end', { ...copied, settlement: 'FAILED' }, { at: at(9 * hour), word: 'ended' }],
])('since is %s', (_, view, since) => {
  expect(sinceOf({ ...ids, ...view })).toEqual(since);
});

test('a migration that has ended has no readiness', () => {
  expect(readinessWord({ ...ids, readyForCutover: false })).toBe('not ready');
  expect(readinessWord({ ...ids, readyForCutover: false, settlement: 'COMPLETE' })).toBe('');
});
