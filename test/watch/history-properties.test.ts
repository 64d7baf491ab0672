import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/events/catalogue.ts';
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
const pollOfHistory = fc.record({
  outcome,
  restarted: fc.boolean(),
  laterMs: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 5 * minute })),
});
const history = fc.array(pollOfHistory, { maxLength: 40, size: 'max' });

/** A restart may be an observation gap; nothing else differs, ids included. */
function stateOf({ state }: ReturnType<typeof play>) {
  return JSON.stringify(state, (key, value: unknown) => (key === 'gaps' ? undefined : value));
}

/** What the clock makes due: its id follows from when it was due, so that it is the same event whenever it is emitted. */
const notices = new Set([
  'migration.cutover_reminder',
  'migration.cutover_deadline_near',
  'migration.cutover_deadline_passed',
]);

const finalEnds = new Set<string>(['migration.completed', 'migration.failed', 'migration.expired']);
const ends = new Set<string>([...finalEnds, 'migration.disappeared']);

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
        expect(restarted.events).toEqual(uninterrupted.events);
        expect(stateOf(restarted)).toBe(stateOf(uninterrupted));
      }),
      { numRuns: 200 },
    );
  });

  it('readiness is not reported again before it was withdrawn or ended, nor withdrawn before it was reported', () => {
    fc.assert(
      fc.property(history, (polls) => {
        let isReady = false;
        for (const name of namesOf(playFast(polls).events)) {
          const isTurn = name === 'migration.ready_for_cutover' || name === 'migration.readiness_withdrawn';
          if (isTurn) expect(name === 'migration.readiness_withdrawn').toBe(isReady);
          isReady = isTurn ? !isReady : isReady && !finalEnds.has(name);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('every event matches its schema, and the events of one poll are in the order of the catalogue', () => {
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

  it('an older state that is put back gives the id of a transition to no other one', () => {
    fc.assert(
      fc.property(history, history, fc.nat(40), (former, others, kept) => {
        const { events, state } = playFast(former);
        const older = playFast(former.slice(0, kept)).state;
        fc.pre(state !== undefined && older?.settlement === undefined);
        const [first, ...rest] = others;
        const later =
          first === undefined ? [] : [{ ...first, restarted: true, laterMs: 5 * 60 * minute }, ...rest];
        const transitions = play(later, older, rules).events.filter(({ event }) => !notices.has(event));
        const ids = new Set(events.map(({ eventId }) => eventId));
        expect(transitions.filter(({ eventId }) => ids.has(eventId))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('the end of a migration is reported once, and again only after its status has changed', () => {
    fc.assert(
      fc.property(history, (polls) => {
        const { events, state } = playFast(polls);
        const story = namesOf(events).filter((name) => ends.has(name) || name === 'migration.status_changed');
        for (const [index, name] of story.entries())
          if (index > 0 && ends.has(name))
            expect(story[index - 1]).not.toSatisfy((one: string) => ends.has(one));
        if (state?.settlement !== undefined) expect(story.at(-1)).toSatisfy((one: string) => ends.has(one));
      }),
      { numRuns: 200 },
    );
  });
});
