import { expect, it, onTestFinished, vi } from 'vitest';
import {
  listenForReload,
  listenForStop,
  type StopRequest,
  useHeldSignals,
} from '../../src/daemon/signals.ts';

const release = () => Promise.resolve();

/** Calls the listeners of a signal; it is not sent. */
function signal(name: NodeJS.Signals): void {
  process.emit(name, name);
}

function listen(leave: () => void = () => {}): StopRequest {
  const stop = listenForStop(leave);
  onTestFinished(() => stop.release());
  return stop;
}

it.each(['SIGTERM', 'SIGINT', 'SIGQUIT'] as const)('%s asks for a stop', async (name) => {
  const stop = listen();
  signal(name);
  expect(await stop.reason).toEqual({ text: `received ${name}` });
});

it('a second signal leaves, once its burst is over', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const leave = vi.fn<() => void>();
  listen(leave);
  for (let n = 0; n < 20; n += 1) signal('SIGTERM');
  expect(leave).not.toHaveBeenCalled();
  vi.advanceTimersByTime(100);
  expect(leave).toHaveBeenCalledTimes(1);
});

it('a SIGINT that npm passes on is the key that was pressed before; a later one leaves', () => {
  vi.useFakeTimers();
  vi.stubEnv('npm_lifecycle_event', 'start');
  onTestFinished(() => {
    vi.unstubAllEnvs();
    vi.useRealTimers();
  });
  const leave = vi.fn<() => void>();
  listen(leave);
  signal('SIGINT');
  signal('SIGINT');
  vi.advanceTimersByTime(1_000);
  expect(leave).not.toHaveBeenCalled();
  signal('SIGINT');
  vi.advanceTimersByTime(100);
  expect(leave).toHaveBeenCalledTimes(1);
});

it('signals that arrived before a command listens are not lost', async () => {
  const arrived: NodeJS.Signals[] = ['SIGHUP', 'SIGTERM'];
  useHeldSignals({ take: (names) => arrived.filter((name) => names.includes(name)), release });
  onTestFinished(() => useHeldSignals({ take: () => [], release }));
  const stop = listen();
  const reloads = listenForReload();
  onTestFinished(() => reloads.release());
  const reload = vi.fn<() => void>();
  reloads.onRequest(reload);
  expect(reload).toHaveBeenCalledTimes(1);
  expect(await stop.reason).toEqual({ text: 'received SIGTERM' });
});
