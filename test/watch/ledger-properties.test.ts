import { rmSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import { initialState } from '../../src/watch/migration/event-draft.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { orders } from './sample-migrations.ts';
import { setting } from './troubled-ledger.ts';

const limits = { unstored: 1_000, waiting: 4, passing: 3, samples: 10 };

const acts = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.nat({ max: 3 }).map((events) => ({ act: 'record', events }) as const) },
    fc.constantFrom(
      { act: 'fail' } as const,
      { act: 'heal' } as const,
      { act: 'stick' } as const,
      { act: 'flow' } as const,
      { act: 'say' } as const,
      { act: 'delete' } as const,
    ),
  ),
  { maxLength: 60 },
);

it('whatever happens to the store and the log, every event is told once, in order', () => {
  fc.assert(
    fc.property(acts, (plan) => {
      const { ledger, lines, log, fail, heal, path, close } = setting({ limits });
      const { groupId, liveMigrationId } = orders;
      const made: string[] = [];
      const record = (count: number): void => {
        const events = Array.from({ length: count }, (): EventRecord => {
          const eventId = `e${made.length}`;
          made.push(eventId);
          return sampleEvent('migration.hosts_changed', { eventId });
        });
        ledger.record({ groupId, liveMigrationId, state: initialState(made.length), events });
      };
      for (const step of plan) {
        if (step.act === 'record') record(step.events);
        if (step.act === 'fail') fail('commit');
        if (step.act === 'heal') heal();
        if (step.act === 'stick') log.stuck = true;
        if (step.act === 'flow') log.stuck = false;
        if (step.act === 'say') ledger.say(sampleEvent('watcher.heartbeat'));
        if (step.act === 'delete') rmSync(path, { force: true });
      }
      heal();
      log.stuck = false;
      record(1);
      ledger.writeBack();
      ledger.deliver();
      close();
      expect(lines.map(({ eventId }) => eventId).filter((id) => id !== undefined)).toEqual(made);
      expect(ledger.delivered).toBe(true);
    }),
    { numRuns: 60 },
  );
});
