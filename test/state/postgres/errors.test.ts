import { expect, test } from 'vitest';
import { asStateFault } from '../../../src/state/postgres/errors.ts';
import { StateError } from '../../../src/state/store.ts';

test.each(['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETDOWN', 'ETIMEDOUT', 'EPERM'])(
  'a connection that the system breaks with %s is a database out of reach, and no mistake of the program',
  (code) => {
    const fault = asStateFault(
      Object.assign(new Error(`write ${code}`), { code }),
      'postgresql://db:5432/state',
    );
    expect(fault).toBeInstanceOf(StateError);
    expect(fault).toMatchObject({ reason: 'unreachable', message: expect.stringContaining(code) });
  },
);
