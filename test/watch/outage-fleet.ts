import { expect } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import type { Target } from '../../src/watch/migration/target.ts';
import { advance, type HarnessOptions, WatcherHarness } from './harness.ts';
import { minute, namesOf, type Outcome, targetOf } from './sample-migrations.ts';
import { ScriptedAtlas } from './scripted-atlas.ts';

export const working: Outcome = { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 5_000 };

/** So many migrations, the first ones in project 0. */
export function targetsIn(projects: number, perProject: number): readonly Target[] {
  return Array.from({ length: projects * perProject }, (_, number) =>
    targetOf(number, String(Math.floor(number / perProject)).padStart(24, '0')),
  );
}

/** 100 migrations in 5 projects. */
export const fleet = targetsIn(5, 20);
export const firstProject = fleet.slice(0, 20);
export const [one, another, third] = firstProject as [Target, Target, Target];

/** Returns what was reported of outages, reminders left out: `down account (100)`, `up project 3 (20)`, `down m7`. */
export function reportsOf(events: readonly EventRecord[]): string[] {
  return events
    .filter(({ event }) => event === 'watcher.unreachable' || event === 'watcher.recovered')
    .filter((record) => !('reminder' in record))
    .map((record) => {
      const { event, scope, groupId, migrations, migration } = record as EventRecord & Record<string, string>;
      const word = event === 'watcher.unreachable' ? 'down' : 'up';
      if (scope === 'migration') return `${word} ${migration}`;
      return `${word} ${scope}${groupId === undefined ? '' : ` ${Number(groupId)}`} (${migrations})`;
    });
}

/** Returns a fleet that was read for two minutes; its events and polls until then are left out. */
export async function readFleet(
  targets: readonly Target[],
  options: Omit<HarnessOptions, 'client' | 'targets'> = {},
) {
  const atlas = new ScriptedAtlas().answerAll(working);
  const harness = await WatcherHarness.start({ client: atlas, targets, ...options });
  await advance(2 * minute);
  expect(namesOf(harness.events)).toEqual(targets.map(() => 'migration.first_seen'));
  harness.events.length = 0;
  atlas.calls.length = 0;
  return { harness, atlas };
}

export function recover(atlas: ScriptedAtlas): void {
  atlas.answerAll(working);
}

export function failAll(atlas: ScriptedAtlas): void {
  atlas.answerAll('network');
}
