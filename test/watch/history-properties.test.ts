import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/events/catalogue.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { lineSchema } from '../../src/events/json-schema.ts';
import { minute, namesOf, type Outcome, play, policy } from './sample-migrations.ts';

const reading = fc.record(
  {
    status: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom('NEW', 'WORKING', 'PENDING', 'PAUSED') },
      { weight: 1, arbitrary: fc.constantFrom('COMPLETE', 'FAILED', 'EXPIRED') },
    ),
    readyForCutover: fc.boolean(),
    lagTimeSeconds: fc.nat(10_000),
    migrationHosts: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }),
  },
  { requiredKeys: [] },
);
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 4, arbitrary: reading },
  { weight: 2, arbitrary: fc.constantFrom('network', 'not_found', 'internal', 'unauthorized') },
);
const history = fc.array(fc.record({ outcome, restarted: fc.boolean() }), { maxLength: 40, size: 'max' });

/** A restart is marked, and may make it unknown since when a migration is ready; nothing else may differ. */
function withoutRestartMarks(events: readonly EventRecord[]) {
  return events.map(({ whileDown: _whileDown, readySinceKnown: _known, msg: _msg, ...event }) => event);
}

function memoryOf({ state }: ReturnType<typeof play>) {
  return JSON.stringify(state, (key, value: unknown) =>
    key === 'sinceKnown' || key === 'unseen' ? undefined : value,
  );
}

/** Everything that takes days happens within the half hour of a history. */
const rules = {
  ...policy,
  windowMs: 12 * minute,
  warnBeforeMs: [6 * minute, 2 * minute],
  remindEveryMs: 3 * minute,
  stallAfterMs: 4 * minute,
};
const playFast = (polls: Parameters<typeof play>[0]) => play(polls, undefined, rules);

describe('whatever Atlas answers', () => {
  it('restarts neither lose, add, change nor repeat an event', () => {
    fc.assert(
      fc.property(history, (polls) => {
        const restarted = playFast(polls);
        const uninterrupted = playFast(polls.map((poll) => ({ ...poll, restarted: false })));
        expect(withoutRestartMarks(restarted.events)).toEqual(withoutRestartMarks(uninterrupted.events));
        expect(memoryOf(restarted)).toBe(memoryOf(uninterrupted));
      }),
      { numRuns: 200 },
    );
  });

  it('readiness is not announced again before it was withdrawn, nor withdrawn before it was announced', () => {
    fc.assert(
      fc.property(history, (polls) => {
        const turns = namesOf(playFast(polls).events).filter(
          (name) => name === 'migration.ready_for_cutover' || name === 'migration.readiness_withdrawn',
        );
        expect(turns).toEqual(
          turns.map((_, index) =>
            index % 2 === 0 ? 'migration.ready_for_cutover' : 'migration.readiness_withdrawn',
          ),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('every event is as its schema says, and the events of one poll are in the order of the catalogue', () => {
    const order = Object.keys(catalogue);
    fc.assert(
      fc.property(history, (polls) => {
        for (const events of playFast(polls).steps) {
          for (const event of events) expect(lineSchema(event.event).strict().parse(event)).toEqual(event);
          const places = namesOf(events).map((name) => order.indexOf(name));
          expect(places).toEqual(places.toSorted((a, b) => a - b));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('no two events have the same id, and the same history has the same ids', () => {
    fc.assert(
      fc.property(history, (polls) => {
        const ids = playFast(polls).events.map(({ eventId }) => eventId);
        expect(new Set(ids).size).toBe(ids.length);
        expect(playFast(polls).events.map(({ eventId }) => eventId)).toEqual(ids);
      }),
      { numRuns: 100 },
    );
  });

  it('a settled migration was told to have ended once, as the end of its history', () => {
    const ends = new Set<string>([
      'migration.completed',
      'migration.failed',
      'migration.expired',
      'migration.disappeared',
    ]);
    fc.assert(
      fc.property(history, (polls) => {
        const { events, last, state } = playFast(polls);
        const told = namesOf(events).filter((name) => ends.has(name));
        expect(told).toHaveLength(state?.settlement === undefined ? 0 : 1);
        expect(namesOf(last).filter((name) => ends.has(name))).toEqual(told);
      }),
      { numRuns: 200 },
    );
  });
});
