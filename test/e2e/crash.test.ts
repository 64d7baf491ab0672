import { expect, test } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import { configFor, groupId, migrationId, startAtlas } from './atlas-by-hand.ts';
import { start, temporaryFolder, writeConfig } from './program.ts';

const kills = 20;
const migrations = 30;

test('killed twenty times while everything changes, the lines together report every transition once', async () => {
  const atlas = await startAtlas();
  for (let n = 0; n < migrations; n += 1) {
    let step = 0;
    // Every poll sees a status never seen before, and readiness the other way round.
    atlas.simulator.setScript(`${groupId}/${migrationId(n)}`, () => {
      step += 1;
      return { _id: migrationId(n), status: `STEP_${step}`, readyForCutover: step % 2 === 0 };
    });
  }
  const file = writeConfig(temporaryFolder(), configFor(atlas.simulator.baseUrl, migrations));
  const lines: EventRecord[] = [];
  let killedWhileWatching = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    const program = start(['run', '-c', file]);
    // Every third dies on its way to the first poll; the others at any moment after they have reported one.
    const begun = kill % 3 === 0 ? 'watcher.started' : 'migration.';
    await program.until(({ event }) => event.startsWith(begun));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
    await program.end('SIGKILL');
    lines.push(...program.events);
    if (program.events.some(({ event }) => event.startsWith('migration.'))) killedWhileWatching += 1;
  }
  const last = start(['run', '-c', file, '--once']);
  await last.ended;
  lines.push(...last.events);

  expect(killedWhileWatching).toBeGreaterThan(kills / 2);
  for (let n = 0; n < migrations; n += 1) {
    const reported = lines.filter(({ migration }) => migration === `m${n}`);
    const transitions = withoutRepeats(reported);
    expect(statusChain(transitions)).toBe('unbroken');
    expect(readinessChain(transitions)).toBe('unbroken');
  }
  expect(lines.filter(({ event }) => event === 'migration.status_changed').length).toBeGreaterThan(kills);
}, 300_000);

/** Keeps one line of each event id, and makes sure that lines of one id say the same. */
function withoutRepeats(lines: readonly EventRecord[]): EventRecord[] {
  const byId = new Map<unknown, EventRecord>();
  for (const line of lines) {
    const former = byId.get(line.eventId);
    if (former === undefined) byId.set(line.eventId, line);
    else expect(line).toEqual(former);
  }
  return [...byId.values()];
}

/** A lost change leaves a gap between two that were reported, and one reported under two ids is there twice. */
function statusChain(events: readonly EventRecord[]): string {
  const [first, ...changes] = events.filter(
    ({ event }) => event === 'migration.first_seen' || event === 'migration.status_changed',
  );
  if (first?.event !== 'migration.first_seen') return 'no first sight';
  let status = first.status;
  for (const change of changes) {
    if (change.from !== status) return `a gap between ${String(status)} and ${String(change.from)}`;
    status = change.to;
  }
  return 'unbroken';
}

/** Readiness and its withdrawal must take turns, and end as the latest observation says. */
function readinessChain(events: readonly EventRecord[]): string {
  let ready = false;
  for (const { event } of events) {
    if (event !== 'migration.ready_for_cutover' && event !== 'migration.readiness_withdrawn') continue;
    if (ready === (event === 'migration.ready_for_cutover')) return `${event} twice`;
    ready = !ready;
  }
  return events.at(-1)?.readyForCutover === ready ? 'unbroken' : 'the last turn is missing';
}
