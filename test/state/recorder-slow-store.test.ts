import { expect, it } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { StandardOutputSink } from '../../src/sinks/standard-output.ts';
import { Recorder } from '../../src/state/recorder.ts';
import { openStore } from '../../src/state/sqlite/store.ts';
import type { Store } from '../../src/state/store.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { eventOf, idsOf } from './sample-change.ts';
import { textOf } from './troubled-recorder.ts';

const heartbeat = sampleEvent('watcher.heartbeat');

/** Resolves at the end of the turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

it('a store that takes long has one commit under way; what arrives meanwhile goes into the next, in order', async () => {
  const store = openStore(':memory:');
  const commits: { readonly ids: readonly string[]; readonly end: () => void }[] = [];
  const slow: Store = {
    ...store,
    commit: async (batch) => {
      await new Promise<void>((end) => commits.push({ ids: idsOf(batch.events), end }));
      return store.commit(batch);
    },
  };
  const lines: EventRecord[] = [];
  const sink = new StandardOutputSink({ log: slow, write: (record) => lines.push(record) > 0 });
  const recorder = await Recorder.open(slow, { sinks: [sink], redactor: new Redactor(), onFault: () => {} });
  recorder.emit(eventOf('a'));
  await turn();
  recorder.emit(heartbeat);
  for (const id of ['b', 'c']) {
    recorder.emit(eventOf(id));
    await turn();
  }
  expect(commits.map(({ ids }) => ids)).toEqual([['a']]);
  expect(lines).toEqual([]);
  commits[0]?.end();
  await turn();
  expect(textOf(lines)).toEqual(['a', 'watcher.heartbeat']);
  expect(commits.map(({ ids }) => ids)).toEqual([['a'], ['b', 'c']]);
  commits[1]?.end();
  await turn();
  expect(textOf(lines)).toEqual(['a', 'watcher.heartbeat', 'b', 'c']);
  await store.close();
});
