import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { eventTable } from '../../../src/state/sqlite/events.ts';
import { upgradeSchema } from '../../../src/state/sqlite/schema.ts';
import { eventOf, idsOf, keyOf, orders, scopeEvent } from '../sample-change.ts';

const kept = 3;

function table(cursor: number) {
  const database = new DatabaseSync(':memory:');
  upgradeSchema(database, 0);
  database.exec(`INSERT INTO cursor VALUES ('stdout', ${cursor})`);
  const events = eventTable(database, kept);
  for (let n = 1; n <= 6; n += 1) {
    events.append(eventOf(`own ${n}`));
    events.append(scopeEvent(`project ${n}`, orders.groupId));
    events.append(scopeEvent(`account ${n}`));
    events.append(eventOf(`other ${n}`, keyOf(1)));
  }
  return events;
}

const latest = (name: string, from: number) => [4, 5, 6].filter((n) => n >= from).map((n) => `${name} ${n}`);

it('the latest events of a migration, of its project and of the account are kept, and no others of them', () => {
  const events = table(24);
  events.prune(orders);
  const ids = idsOf(events.latest(100));
  for (const name of ['own', 'project', 'account'])
    expect(ids.filter((id) => id.startsWith(name))).toEqual(latest(name, 4));
  expect(ids.filter((id) => id.startsWith('other'))).toHaveLength(6);
});

it('an event that a sink has not delivered is kept', () => {
  const events = table(5);
  events.prune(orders);
  expect(idsOf(events.from(6, 100).map(({ record }) => record))).toHaveLength(19);
  expect(idsOf(events.latest(100)).filter((id) => id.startsWith('own'))).toEqual(
    [3, 4, 5, 6].map((n) => `own ${n}`),
  );
});
