import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Redactor } from '../../src/events/redactor.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { eventOf, orders, stateWith } from './sample-change.ts';
import { readHistory, readMigrations } from './stored-rows.ts';
import { troubledRecorder } from './troubled-recorder.ts';

const secret = 'pa"ss\\word-0123';

function redactorOf(...secrets: readonly string[]): Redactor {
  const redactor = new Redactor();
  for (const each of secrets) redactor.register(each);
  return redactor;
}

it('no secret is stored or handed over, whatever field it is in', async () => {
  const set = await troubledRecorder({ redactor: redactorOf(secret) });
  const state = {
    ...stateWith(`not ${secret}`),
    known: { status: secret, migrationHosts: [secret] },
    reportedStatuses: [secret],
  };
  const event = { ...eventOf('a'), detail: `${'y'.repeat(9_000)}${secret}`, labels: { team: secret } };
  set.recorder.record({ migration: { ...orders, state }, events: [event] });
  set.recorder.emit(sampleEvent('watcher.stopping', { reason: secret }));
  await set.settle();
  const bytes = [set.path, `${set.path}-wal`].map((file) => readFileSync(file, 'latin1')).join('');
  for (const form of [secret, JSON.stringify(secret).slice(1, -1), secret.slice(0, 8)])
    for (const text of [bytes, JSON.stringify(set.lines), JSON.stringify(readHistory(set.path))])
      expect(text.includes(form)).toBe(false);
  // The state in memory is compared with what Atlas says next.
  expect(set.recorder.state(orders)).toEqual(state);
});

it('an event is stored as short as it is written', async () => {
  const set = await troubledRecorder();
  const migrationHosts = Array.from({ length: 500 }, (_, n) => `host-${n}.example.com`.repeat(4));
  set.recorder.record({ events: [{ ...eventOf('a'), migrationHosts }] });
  await set.settle();
  const [stored] = readHistory(set.path);
  expect(Buffer.byteLength(JSON.stringify(stored))).toBeLessThan(8_192);
  expect(stored).toEqual(set.lines[0]);
});

it('a secret that is a word of our own destroys neither events nor states', async () => {
  const words = [
    'event',
    'level',
    'info',
    'cutover-watch',
    'migration',
    'status',
    '2026',
    'WORKING',
    'since',
  ];
  const set = await troubledRecorder({ redactor: redactorOf(...words) });
  set.record('WORKING', 'a');
  await set.settle();
  await set.killAndRestart();
  expect(readHistory(set.path)).toMatchObject([{ level: 'info', event: 'migration.hosts_changed' }]);
  expect(readMigrations(set.path)).toMatchObject([{ state: { known: { status: '[redacted]' } } }]);
});
