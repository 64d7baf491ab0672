import { describe, expect, it } from 'vitest';
import type { MigrationState } from '../../../src/state/migration-state.ts';
import { migrationSpans } from '../../../src/watch/migration/migration-lane.ts';
import type { PhaseEvent } from '../../../src/watch/migration/phases.ts';
import { hour, start } from '../sample-migrations.ts';

const at = (hours: number): number => start + hours * hour;
const event = (name: string, hours: number, fields: object = {}): PhaseEvent => ({
  event: `migration.${name}`,
  time: new Date(at(hours)).toISOString(),
  ...fields,
});
const seen: MigrationState = {
  rememberedSince: start,
  firstObservedAt: start,
  observation: { observedAt: at(9) },
  known: { status: 'WORKING', readyForCutover: false },
  notFoundInARow: 0,
  reportedStatuses: [],
};

/** Returns the spans at hour 10, in hours since the start. */
function spans(
  events: readonly PhaseEvent[],
  state: Partial<MigrationState> = {},
  lags: readonly number[] = [],
) {
  const samples = lags.map((hours) => ({ observedAt: at(hours) }));
  return migrationSpans(events, samples, { ...seen, ...state }, at(10)).map(([name, from, to]) => [
    name,
    (from - start) / hour,
    (to - start) / hour,
  ]);
}

const first = event('first_seen', 0, { status: 'WORKING', readyForCutover: false });

describe('the lane of a migration', () => {
  it('has the initial copy as long as there is no lag, and one that failed before', () => {
    expect(spans([first])).toEqual([['initial_copy', 0, 10]]);
    expect(spans([first, event('failed', 4)])).toEqual([
      ['initial_copy', 0, 4],
      ['failed', 4, 10],
    ]);
    expect(spans([first], {}, [3, 5])).toEqual([
      ['initial_copy', 0, 3],
      ['catching_up', 3, 10],
    ]);
  });

  it('has one phase for initial copy and catching up where a migration became ready without a lag', () => {
    expect(spans([first, event('ready_for_cutover', 4)])).toEqual([
      ['copying', 0, 4],
      ['ready', 4, 10],
    ]);
  });

  it('has no initial copy where a lag was there at first sight', () => {
    expect(spans([{ ...first, lagTimeSeconds: 9 }])).toEqual([['catching_up', 0, 10]]);
  });

  it('goes on after an end that was none', () => {
    const again = { from: 'FAILED', to: 'WORKING', readyForCutover: false, lagTimeSeconds: 3 };
    expect(spans([first, event('failed', 4), event('status_changed', 6, again)]).slice(1)).toEqual([
      ['failed', 4, 6],
      ['catching_up', 6, 10],
    ]);
    const ready = { from: 'DISAPPEARED', to: 'WORKING', readyForCutover: true };
    expect(spans([first, event('disappeared', 4), event('status_changed', 6, ready)]).slice(1)).toEqual([
      ['disappeared', 4, 6],
      ['ready', 6, 10],
    ]);
  });

  it('has a cutover that has begun, and none that was none', () => {
    const events = [first, event('ready_for_cutover', 4), event('cutover_started', 6)];
    const readiness = { since: at(4), sinceKnown: true };
    const begun = { ...readiness, cutover: { withoutLag: 3, startedAt: at(6) } };
    expect(spans(events, { readiness: begun })).toContainEqual(['cutover', 6, 10]);
    expect(spans(events, { readiness })).toContainEqual(['ready', 4, 10]);
  });

  it.each([
    [{ settlement: 'DISAPPEARED', settledAt: at(4) } as const, ['disappeared', 4, 10]],
    [{ readiness: { since: at(5), sinceKnown: true } }, ['ready', 5, 10]],
    [{ known: { status: 'NEW' } }, ['waiting', 0, 10]],
    [{ statusSince: at(2) }, ['initial_copy', 2, 10]],
    [{ observation: { observedAt: at(9), lagTimeSeconds: 4 } }, ['catching_up', 0, 10]],
  ])('has the present phase where the log has none: %o', (state, span) => {
    expect(spans([], state)).toEqual([span]);
  });
});
