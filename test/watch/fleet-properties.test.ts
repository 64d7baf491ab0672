import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EventRecord, isDurable } from '../../src/events/event-record.ts';
import type { Target } from '../../src/watch/migration/target.ts';
import { advance, useVirtualTime, WatcherHarness } from './harness.ts';
import { minute, type Outcome, start, targetOf } from './sample-migrations.ts';
import { ScriptedAtlas } from './scripted-atlas.ts';

useVirtualTime();

const working: Outcome = { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 5_000 };
/** Four migrations in one project, two in another. */
const fleet = Array.from({ length: 6 }, (_, number) =>
  targetOf(number, String(number >> 2).padStart(24, '0')),
);

const step = fc.record({
  /** How polls end from now on, by migration; undefined leaves it as it is. */
  outcomes: fc.array(
    fc.constantFrom<Outcome | undefined>(
      working,
      undefined,
      'network',
      'server_error',
      'unauthorized',
      'forbidden',
    ),
    { minLength: fleet.length, maxLength: fleet.length },
  ),
  all: fc.option(fc.constantFrom<Outcome>(working, 'network', 'unauthorized'), { nil: undefined }),
  change: fc.constantFrom('nothing', 'nothing', 'restart', 'reload'),
  kept: fc.subarray(fleet, { minLength: 1 }),
  seconds: fc.integer({ min: 1, max: 300 }),
});

interface OutageEvent extends EventRecord {
  readonly scope: string;
  readonly groupId?: string;
  readonly migration?: string;
}

/** Returns the names of the events of each outage, by what it is one of. */
function outagesOf(events: readonly EventRecord[]): readonly (readonly string[])[] {
  const outages = events.filter(
    (record): record is OutageEvent => 'scope' in record && !('reminder' in record),
  );
  const byScope = Map.groupBy(outages, ({ scope, groupId, migration }) => `${scope} ${migration ?? groupId}`);
  return [...byScope.values()].map((each) => each.map(({ event }) => event));
}

/** Returns the migrations that have failed for three minutes, while nothing reports it. */
function silentOutages(harness: WatcherHarness, targets: readonly Target[], now: number): readonly string[] {
  const silent = targets.filter((target) => {
    const outage = harness.state(target)?.outage;
    const isCovered = harness.openScopes.some(({ groupId = target.groupId }) => groupId === target.groupId);
    return (
      outage !== undefined && now - outage.since > 3 * minute && outage.reportedAt === undefined && !isCovered
    );
  });
  return silent.map(({ name }) => name);
}

/** Plays the steps and, at last, lets everything be watched and answer. */
async function play(steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[]) {
  const atlas = new ScriptedAtlas().answerAll(working);
  const harness = await WatcherHarness.start({ client: atlas, targets: fleet });
  await advance(minute);
  for (const { outcomes, all, change, kept, seconds } of steps) {
    if (all !== undefined) atlas.answerAll(all);
    for (const [index, target] of fleet.entries()) {
      const outcome = outcomes[index];
      if (outcome !== undefined) atlas.answer([target], outcome);
    }
    if (change === 'restart') await harness.restart(kept);
    if (change === 'reload') await harness.reload(kept);
    await advance(seconds * 1_000);
  }
  await harness.reload(fleet);
  await advance(4 * minute);
  const silent = silentOutages(harness, fleet, start + performance.now());
  atlas.answerAll(working);
  await advance(4 * minute);
  await harness.stop();
  return { harness, silent };
}

test('every outage is reported, begins and ends once, and all events are stored as emitted, whatever fails and whatever is restarted or reloaded', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const { harness, silent } = await play(steps);
      expect(silent).toEqual([]);
      expect(harness.faults).toEqual([]);
      for (const names of outagesOf(harness.events))
        expect(names).toEqual(
          names.map((_, index) => (index % 2 === 0 ? 'watcher.unreachable' : 'watcher.recovered')),
        );
      for (const names of outagesOf(harness.events)) expect(names.at(-1)).toBe('watcher.recovered');
      expect(harness.openScopes).toEqual([]);
      // In the same order, each event with an id of its own.
      const emitted = harness.events.filter(isDurable);
      expect(await harness.store.latestEvents(10_000)).toEqual(emitted);
      expect(new Set(emitted.map(({ eventId }) => eventId)).size).toBe(emitted.length);
    }),
    { numRuns: 60 },
  );
});
