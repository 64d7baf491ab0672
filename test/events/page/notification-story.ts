import type { Emit } from '../../../src/events/emitter.ts';
import { Redactor } from '../../../src/events/redactor.ts';
import { Notifications } from '../../../src/sinks/notifications.ts';
import { Ping } from '../../../src/sinks/ping.ts';
import { testEvent } from '../../../src/sinks/test-event.ts';
import { Recorder } from '../../../src/state/recorder.ts';
import { openStore } from '../../../src/state/sqlite/store.ts';
import { delivered, event, failed, receiver, rejected } from '../../sinks/notification-harness.ts';

const minute = 60_000;

/** A receiver that is away for a while, rejects an event, and is taken out; and a ping that nobody takes for a while. */
export async function playNotifications(emit: Emit): Promise<void> {
  const store = openStore(':memory:');
  let now = Date.now();
  let answer = failed;
  const recorder = await Recorder.open(store, {
    sinks: [],
    redactor: new Redactor(),
    now: () => now,
    defer: (work) => void setImmediate(work),
    onFault: throwFault,
  });
  const timers: (() => void)[] = [];
  const notifications = new Notifications({
    store,
    sinks: recorder.sinks,
    createSender: () => ({ send: () => Promise.resolve(answer), close: () => Promise.resolve() }),
    known: () => ({ now }),
    emit,
    onAttempt: () => {},
    onFault: throwFault,
    now: () => now,
    random: () => 1,
    defer(work) {
      timers.push(work);
      return () => {};
    },
  });
  const pass = async (ms: number): Promise<void> => {
    now += ms;
    for (const work of timers.splice(0)) work();
    for (let turn = 0; turn < 6; turn += 1) await new Promise(setImmediate);
  };
  await notifications.use([receiver], 0);
  recorder.record({ events: [event('0123456789abcdef0123456789abcdef')] });
  for (let attempt = 0; attempt < 4; attempt += 1) await pass(minute);
  answer = delivered;
  await pass(10 * minute);
  answer = rejected;
  recorder.record({ events: [event('123456789abcdef0123456789abcdef0')] });
  await pass(minute);
  answer = failed;
  recorder.record({ events: [event('23456789abcdef0123456789abcdef01')] });
  await pass(minute);
  await notifications.use([], await store.lastPosition());
  emit(testEvent(receiver.name, now));
  await playPing(emit);
  await store.close();
}

async function playPing(emit: Emit): Promise<void> {
  let now = Date.now();
  let answer = failed;
  const ping = new Ping({
    settings: { url: 'https://checks.example.com/', token: undefined, every: minute, proxy: undefined },
    sender: { send: () => Promise.resolve(answer), close: () => Promise.resolve() },
    facts: () => ({ stuckLoop: undefined, isReading: true, sinks: [], headline: '' }),
    emit,
    now: () => now,
    monotonic: () => now,
  });
  for (let sent = 0; sent < 6; sent += 1, now += minute) await ping.tick();
  answer = delivered;
  await ping.tick();
}

function throwFault(error: unknown): never {
  throw error;
}
