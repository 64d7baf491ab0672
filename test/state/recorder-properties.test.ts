import { rmSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { sampleEvent } from '../events/sample-events.ts';
import { idsOf } from './sample-change.ts';
import { readHistory } from './stored-rows.ts';
import { troubledRecorder } from './troubled-recorder.ts';

const second = 1_000;
const limits = {
  recorder: { events: 1_000, samples: 10 },
  sink: { events: 4, uncommitted: 1_000, passing: 3 },
};

type Act = 'turn' | 'second' | 'fail' | 'unreadable' | 'heal' | 'stick' | 'flow' | 'emit' | 'kill' | 'delete';

const recordAct = fc.nat({ max: 3 }).map((events) => ({ act: 'record' as const, events }));
const actOf = (...acts: readonly Act[]) => fc.constantFrom(...acts).map((act) => ({ act, events: 0 }));

function planOf(...acts: readonly Act[]) {
  return fc.array(
    fc.oneof({ weight: 3, arbitrary: recordAct }, { weight: 3, arbitrary: actOf('turn') }, actOf(...acts)),
    { maxLength: 50 },
  );
}

type Plan = readonly { readonly act: Act | 'record'; readonly events: number }[];
type Troubled = Awaited<ReturnType<typeof troubledRecorder>>;

/**
 * Plays a plan, and lets everything work again at its end. Returns the ids of all events in their order; of those,
 * which were known to nobody when the program was killed; and which may have been written without a stored cursor then.
 */
async function play(plan: Plan, set: Troubled) {
  const made: string[] = [];
  const lost = new Set<string>();
  const mayRepeat = new Set<string>();
  const record = (count: number): void => {
    const ids = Array.from({ length: count }, (_, n) => `e${made.length + n}`);
    made.push(...ids);
    set.record(`S${made.length}`, ...ids);
  };
  for (const { act, events } of plan) {
    if (act === 'record') record(events);
    if (act === 'turn') await set.settle();
    if (act === 'second') await set.settle(second);
    if (act === 'fail') set.fail('commit');
    if (act === 'unreadable') set.fail('eventsFrom');
    if (act === 'heal') set.heal();
    if (act === 'stick') set.output.stuck = true;
    if (act === 'flow') set.output.stuck = false;
    if (act === 'flow') set.recorder.deliver();
    if (act === 'emit') set.recorder.emit(sampleEvent('watcher.heartbeat'));
    if (act === 'delete') rmSync(set.path, { force: true });
    if (act !== 'kill') continue;
    const stored = idsOf(readHistory(set.path));
    const written = new Set(idsOf(set.lines));
    const cursor = await set.storedCursor();
    for (const id of made) if (!stored.includes(id) && !written.has(id)) lost.add(id);
    for (const id of stored.slice(cursor)) mayRepeat.add(id);
    await set.killAndRestart();
  }
  set.heal();
  set.output.stuck = false;
  record(1);
  await set.recorder.flush();
  set.recorder.deliver();
  await set.settle();
  await set.settle(second);
  return { made, lost, mayRepeat };
}

it('whatever happens to the store and the reader, every event is written once and in the file, in order', async () => {
  await fc.assert(
    fc.asyncProperty(planOf('second', 'fail', 'heal', 'stick', 'flow', 'emit'), async (plan) => {
      const set = await troubledRecorder(limits);
      const { made } = await play(plan, set);
      expect(idsOf(set.lines)).toEqual(made);
      expect(idsOf(readHistory(set.path))).toEqual(made);
      expect(set.recorder.delivered).toBe(true);
      expect(set.faults).toEqual([]);
    }),
    { numRuns: 80 },
  );
});

it('whenever it is killed, no event that the store has is lost, and only those after the cursor are repeated', async () => {
  const acts = planOf('second', 'fail', 'unreadable', 'heal', 'stick', 'flow', 'emit', 'kill', 'kill');
  await fc.assert(
    fc.asyncProperty(acts, async (plan) => {
      const set = await troubledRecorder(limits);
      const { made, lost, mayRepeat } = await play(plan, set);
      const written = idsOf(set.lines);
      expect(made.filter((id) => !written.includes(id) && !lost.has(id))).toEqual([]);
      const repeated = written.filter((id, index) => written.indexOf(id) !== index);
      expect(repeated.filter((id) => !mayRepeat.has(id))).toEqual([]);
      const stored = idsOf(readHistory(set.path));
      expect(stored).toHaveLength(new Set(stored).size);
      expect(await set.storedCursor()).toBe(stored.length);
      expect(set.recorder.delivered).toBe(true);
    }),
    { numRuns: 150 },
  );
});

it('wherever the file is deleted, every event is written once, and the state is in the new file', async () => {
  await fc.assert(
    fc.asyncProperty(planOf('second', 'fail', 'heal', 'emit', 'delete'), async (plan) => {
      const set = await troubledRecorder(limits);
      const { made } = await play(plan, set);
      expect(idsOf(set.lines)).toEqual(made);
      const stored = idsOf(readHistory(set.path));
      expect(stored).toEqual(made.slice(made.length - stored.length));
      await set.killAndRestart();
      expect(set.recorder.state(set.key)?.known.status).toBe(`S${made.length}`);
      expect(idsOf(set.lines)).toEqual(made);
    }),
    { numRuns: 80 },
  );
});
