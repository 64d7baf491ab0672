import { describe, expect, it, onTestFinished } from 'vitest';
import type { SinkSettings } from '../../src/config/sink-settings.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { Notifications } from '../../src/sinks/notifications.ts';
import type { Outcome } from '../../src/sinks/sender.ts';
import { Recorder } from '../../src/state/recorder.ts';
import { openStore } from '../../src/state/sqlite/store.ts';
import type { Store } from '../../src/state/store.ts';
import { start } from '../state/sample-change.ts';
import { temporaryDirectory } from '../state/temporary-directory.ts';
import { delivered, event, failed, receiver } from './notification-harness.ts';

const pager: SinkSettings = { ...receiver, name: 'pager' };

async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await new Promise(setImmediate);
}

/** A state file with the receivers of a run; `restart` is a stop and another run. */
async function watching(...wanted: readonly SinkSettings[]) {
  const path = `${temporaryDirectory()}/state.db`;
  let commits = 0;
  const sent: string[] = [];
  const changes: EventRecord[] = [];
  const answers = new Map<string, Outcome>();
  let closed = 0;

  async function run(settings: readonly SinkSettings[]) {
    const store = openStore(path);
    const counting: Store = {
      ...store,
      commit: (batch) => {
        commits += 1;
        return store.commit(batch);
      },
    };
    const recorder = await Recorder.open(counting, {
      sinks: [],
      redactor: new Redactor(),
      onEvents: (records) => changes.push(...records.filter((record) => record.event.includes('sink'))),
      onFault: (fault) => expect.fail(String(fault)),
    });
    const notifications = new Notifications({
      store,
      sinks: recorder.sinks,
      createSender: ({ name, url }) => ({
        send: (record) => {
          sent.push(`${name} ${String(record.eventId)}${url === receiver.url ? '' : ` to ${url}`}`);
          return Promise.resolve(answers.get(name) ?? delivered);
        },
        close: () => {
          closed += 1;
          return Promise.resolve();
        },
      }),
      known: () => ({ now: start }),
      emit: (record) => recorder.emit(record),
      onAttempt: () => {},
      onFault: (fault) => expect.fail(String(fault)),
      now: () => start,
      random: () => 1,
      defer: () => () => {},
    });
    await notifications.use(settings, await store.lastPosition());
    return { store, recorder, notifications };
  }

  let current = await run(wanted);
  onTestFinished(() => current.store.close());
  return {
    sent,
    answers,
    /** How many transactions there were. */
    get commits() {
      return commits;
    },
    get closed() {
      return closed;
    },
    /** The latest change of receivers that was reported. */
    get change() {
      return changes.findLast((record) => record.event === 'watcher.sinks_changed');
    },
    /** How many changes were reported. */
    get changes() {
      return changes.filter((record) => record.event === 'watcher.sinks_changed').length;
    },
    async record(...ids: readonly string[]) {
      current.recorder.record({ events: ids.map((id) => event(id)) });
      await settle();
    },
    async reload(...settings: readonly SinkSettings[]) {
      await current.notifications.use(settings, await current.store.lastPosition());
      await settle();
    },
    async restart(...settings: readonly SinkSettings[]) {
      await current.notifications.close();
      await current.recorder.close();
      await current.store.close();
      current = await run(settings);
      await settle();
    },
    cursors: () => current.store.cursors(),
  };
}

describe('the receivers of notifications', () => {
  it('begin now where they are new, also after a crash before their first event', async () => {
    const set = await watching();
    await set.record('before');
    await set.reload(receiver);
    expect(set.change).toMatchObject({ added: ['on-call'], removed: [], level: 'info' });
    await set.restart(receiver);
    await set.record('a');
    expect(set.sent).toEqual(['on-call a']);
  });

  it('keep their places over a restart, each its own', async () => {
    const set = await watching(receiver, pager);
    set.answers.set('pager', failed);
    await set.record('a');
    await set.restart(receiver, pager);
    await set.record('b');
    set.answers.clear();
    await set.reload(receiver, pager);
    expect(set.sent).toEqual(['on-call a', 'pager a', 'on-call b', 'pager a', 'pager b']);
  });

  it('keep their places when their settings change, and the new settings count at once', async () => {
    const set = await watching(receiver);
    set.answers.set('on-call', failed);
    await set.record('a', 'b');
    set.answers.clear();
    await set.reload({ ...receiver, url: 'https://new.example.com' });
    expect(set.sent).toEqual([
      'on-call a',
      'on-call a to https://new.example.com',
      'on-call b to https://new.example.com',
    ]);
    expect(set.closed).toBe(1);
  });

  it('end with a report of what they never got, and begin anew if they come back', async () => {
    const set = await watching(receiver, pager);
    set.answers.set('pager', failed);
    await set.record('a', 'b');
    await set.reload(receiver);
    expect(set.change).toMatchObject({ removed: ['pager'], undelivered: 2, level: 'warn' });
    expect((await set.cursors()).map(({ sink }) => sink)).toEqual(['notify/on-call']);
    set.answers.clear();
    set.sent.length = 0;
    await set.reload(receiver, pager);
    await set.record('c');
    expect(set.sent).toEqual(['on-call c', 'pager c']);
  });

  it('that were removed while nothing ran end with a report as well', async () => {
    const set = await watching(receiver, pager);
    set.answers.set('pager', failed);
    await set.record('a');
    await set.restart(receiver);
    expect(set.change).toMatchObject({ added: [], removed: ['pager'], undelivered: 1 });
    await set.restart(receiver);
    expect((await set.cursors()).map(({ sink }) => sink)).toEqual(['notify/on-call']);
  });

  it('are new ones under another name, and that is said', async () => {
    const set = await watching(receiver);
    await set.reload({ ...receiver, name: 'duty' });
    expect(set.change?.msg).toBe(
      'Notifications to duty begin now, without earlier events. Notifications to on-call have ended. A receiver with another name is a new one.',
    );
  });

  it('store where they are at most ten times a second, however many messages they get', async () => {
    const set = await watching(receiver, pager);
    const before = set.commits;
    const begun = performance.now();
    await set.record(...Array.from({ length: 200 }, (_, n) => `e${n}`));
    await expect.poll(() => set.sent.length).toBe(400);
    const end = async () => (await set.cursors()).every(({ position }) => position === 200);
    await expect.poll(end).toBe(true);
    // One of them is that of the events.
    expect(set.commits - before).toBeLessThanOrEqual(3 + (performance.now() - begun) / 100);
  });

  it('are not reported while they stay', async () => {
    const set = await watching(receiver);
    await set.reload(receiver);
    await set.restart(receiver);
    expect(set.changes).toBe(1);
  });
});
