import { expect } from 'vitest';
import { StateError } from '../../src/state/store.ts';

/** Resolves to the error of this work, which is a StateError without any secret. */
export async function faultOf(work: Promise<unknown>): Promise<StateError> {
  const error: unknown = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof StateError)) throw new Error('this is no StateError', { cause: error });
  const said = JSON.stringify([error.message, error.remedy, error.stack, error.cause]);
  expect(said).not.toMatch(/lookout|p@ss|w%C3|wrong-one/);
  return error;
}
