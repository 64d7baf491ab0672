import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { abortableDelay } from '../../src/atlas/abort.ts';

describe('an abortable delay', () => {
  test('ends when its time is over, and leaves no listener behind', async () => {
    const { signal } = new AbortController();
    await expect(abortableDelay(1, signal)).resolves.toBeUndefined();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('throws the reason of the signal as soon as it aborts, and leaves no listener behind', async () => {
    const controller = new AbortController();
    const reason = new Error('shutdown');
    const waiting = abortableDelay(3_600_000, controller.signal);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('throws at once when the signal has aborted before', async () => {
    const reason = new Error('shutdown');
    await expect(abortableDelay(3_600_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
