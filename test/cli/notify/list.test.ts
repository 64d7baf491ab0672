import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { type ListedSettings, listReceivers } from '../../../src/cli/notify/list.ts';
import { openStore } from '../../../src/state/sqlite/store.ts';
import { sampleEvent } from '../../events/sample-events.ts';
import { sinkSettings } from '../../sinks/receivers.ts';
import { readFile } from '../../state/read-record.ts';
import { batchOf, commitEvents, eventOf, start } from '../../state/sample-change.ts';
import { temporaryDirectory } from '../../state/temporary-directory.ts';

const onCall = sinkSettings('webhook', { level: 'warn' });
const mail = sinkSettings('email', { name: 'mail' });

/** A log of three events, of which one is a warning and none was delivered to on-call. */
async function recorded() {
  const path = join(temporaryDirectory(), 'state.db');
  const store = openStore(path);
  onTestFinished(() => store.close());
  const warning = sampleEvent('migration.ready_for_cutover', { eventId: 'b' });
  await commitEvents(store, eventOf('a'), warning, eventOf('c'));
  const delivery = {
    failures: 4,
    failingSince: start,
    nextAttemptAt: start + 60_000,
    reported: true,
    lastAnswer: { at: start + 30_000, text: 'HTTP 503', delivered: false },
  } as const;
  await store.commit(
    batchOf({
      cursors: [
        { sink: 'stdout', position: 3 },
        { sink: 'notify/on-call', position: 0, delivery },
        { sink: 'notify/mail', position: 2 },
        { sink: 'notify/former', position: 1 },
      ],
    }),
  );
  return { path, store };
}

const listed = (settings: readonly ListedSettings[], path: string) =>
  readFile(path, (record) => listReceivers(settings, record.cursors()));

test('what waits for a receiver is what it wants of the log behind its cursor, beside a watcher and without one', async () => {
  const { path, store } = await recorded();
  const expected = {
    receivers: [
      {
        name: 'on-call',
        type: 'webhook',
        state: 'failing',
        reported: true,
        waiting: 1,
        oldestAt: sampleEvent('migration.ready_for_cutover').time,
        failingSince: new Date(start).toISOString(),
        nextAttemptAt: new Date(start + 60_000).toISOString(),
        lastAnswer: { at: new Date(start + 30_000).toISOString(), text: 'HTTP 503', delivered: false },
        cursor: 0,
      },
      expect.objectContaining({ name: 'mail', state: 'working', reported: false, waiting: 1, cursor: 2 }),
      { name: 'pager', type: 'slack', state: 'new', reported: false, waiting: 0 },
    ],
    removed: ['former'],
  };
  const settings = [onCall, mail, sinkSettings('slack', { name: 'pager' })];
  expect(await listed(settings, path)).toEqual(expected);
  await store.close();
  expect(await listed(settings, path)).toEqual(expected);
});

test('a state file of a version without notifications has new receivers only', async () => {
  const { path, store } = await recorded();
  await store.close();
  const database = new DatabaseSync(path);
  database.exec("DROP TABLE delivery; DELETE FROM cursor WHERE sink LIKE 'notify/%'");
  database.close();
  const former = join(temporaryDirectory(), 'state.db');
  copyFileSync(new URL('../../state/fixtures/schema-2.db', import.meta.url), former);
  for (const file of [path, former])
    expect((await listed([onCall], file)).receivers).toMatchObject([{ state: 'new', waiting: 0 }]);
});
