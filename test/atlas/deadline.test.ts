import { expect, test } from 'vitest';
import { startDeadline } from '../../src/atlas/abort.ts';

const hour = 3_600_000;

test('a deadline aborts when its time is up, and says so', async () => {
  const deadline = startDeadline(new AbortController().signal, 5);
  await new Promise((resolve) => deadline.signal.addEventListener('abort', resolve));
  expect(deadline.passed).toBe(true);
  expect(deadline.signal.reason).toMatchObject({ name: 'TimeoutError' });
});

test('a deadline aborts with the other signal, for its reason', () => {
  const outer = new AbortController();
  const deadline = startDeadline(outer.signal, hour);
  outer.abort('enough');
  deadline.release();
  expect(deadline).toMatchObject({ passed: false, signal: { aborted: true, reason: 'enough' } });
  expect(startDeadline(outer.signal, hour).signal.aborted).toBe(true);
});

test('a deadline that was released aborts no more', async () => {
  const outer = new AbortController();
  const deadline = startDeadline(outer.signal, 1);
  deadline.release();
  outer.abort();
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(deadline.signal.aborted).toBe(false);
});
