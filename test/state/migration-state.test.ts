import { describe, expect, it } from 'vitest';
import { scopeKey } from '../../src/state/migration-state.ts';
import { readState } from '../../src/state/record-schema.ts';
import { DamagedRecordError } from '../../src/state/store.ts';
import { accountOutage, projectOutage, stateWith } from './sample-change.ts';

/** A state as files of schema 1 and 2 have it. */
const former = {
  rememberedSince: 5,
  known: { status: 'WORKING' },
  absences: 2,
  reportedStatuses: ['PENDING'],
  occurrences: { 'migration.first_seen': 1, 'migration.ready_for_cutover': 1 },
  unseen: [
    { from: 1, to: 2, because: 'unreachable' },
    { from: 3, to: 4, because: 'not watched' },
  ],
  readiness: { since: 7, sinceKnown: true, warnedMs: [1], warnedOf: 9 },
};

const read = (state: object) => readState(JSON.stringify(state));

describe('a stored state', () => {
  it('is read as it was written', () => {
    const state = {
      ...stateWith('WORKING'),
      readyBefore: true,
      gaps: [{ from: 1, to: 2, reason: 'unreachable' }],
      outage: { failures: 3, since: 1, errorType: 'timeout', reportedAt: 2 },
    };
    expect(read(state)).toEqual(state);
  });

  it('that ended before the moment of an end was stored ended at its latest observation', () => {
    const ended = { ...stateWith('COMPLETE'), settlement: 'COMPLETE', observation: { observedAt: 9 } };
    expect(read(ended)).toEqual({ ...ended, settledAt: 9 });
    expect(read({ ...ended, settledAt: 7 })).toMatchObject({ settledAt: 7 });
  });

  it('of schema 1 or 2 gets the names of today', () => {
    expect(read(former)).toEqual({
      rememberedSince: 5,
      known: { status: 'WORKING' },
      notFoundInARow: 2,
      reportedStatuses: ['PENDING'],
      readyBefore: true,
      gaps: [
        { from: 1, to: 2, reason: 'unreachable' },
        { from: 3, to: 4, reason: 'not watched' },
      ],
      readiness: { since: 7, sinceKnown: true, warnedMs: [1], warnedOf: 9 },
    });
  });

  it.each([
    { told: 'for itself', rule: 'was reported', expected: { reportedAt: 8 } },
    { told: 'for all', rule: 'was reported', expected: { reportedAt: 8 } },
    { told: 'by another', rule: 'was not reported', expected: {} },
    { told: 'before', rule: 'was not reported', expected: {} },
    { told: undefined, rule: 'was not reported', expected: {} },
  ])('of schema 2 whose outage is marked $told $rule', ({ told, expected }) => {
    const { outage } = read({ ...former, outage: { failures: 3, since: 6, told, toldAt: 8, migrations: 4 } });
    expect(outage).toEqual({ failures: 3, since: 6, errorType: 'network', ...expected });
  });

  it('may lack what a former version did not have', () => {
    const state = { known: {}, reportedStatuses: [] };
    expect(read(state)).toEqual({ ...state, rememberedSince: 0, notFoundInARow: 0 });
  });

  it('may have fields of a newer version', () => {
    expect(read({ ...stateWith('NEW'), newer: 1 })).toEqual({ ...stateWith('NEW'), newer: 1 });
  });

  it.each([
    { what: 'of nothing', state: {} },
    { what: 'that is no object', state: [] },
    { what: 'with hosts that are no list', state: { ...stateWith('NEW'), known: { migrationHosts: 5 } } },
    { what: 'with an absurd time', state: { ...stateWith('NEW'), firstObservedAt: 9e18 } },
    { what: 'with an end that does not exist', state: { ...stateWith('NEW'), settlement: 'DONE' } },
    { what: 'with gaps of the former shape that are no list', state: { ...former, unseen: 5 } },
    { what: 'with a readiness of nothing', state: { ...stateWith('NEW'), readiness: {} } },
  ])('$what is damaged', ({ state }) => {
    expect(() => read(state)).toThrow(DamagedRecordError);
  });

  it('that is no JSON is damaged', () => {
    expect(() => readState('{"x')).toThrow(new DamagedRecordError('the state of a migration is not JSON'));
  });
});

it('a scope has a key of its own', () => {
  expect([accountOutage, projectOutage].map(scopeKey)).toEqual([
    'account',
    `project:${projectOutage.groupId}`,
  ]);
});
