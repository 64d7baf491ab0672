import { expect, it, test } from 'vitest';
import type { ErrorKind } from '../../src/atlas/error-kind.ts';
import { exitCode, roundExitCode } from '../../src/cli/exit-code.ts';
import { errorOf } from '../watch/sample-migrations.ts';

test('exit codes are those of sysexits', () => {
  expect(exitCode).toEqual({
    done: 0,
    no: 1,
    usage: 64,
    unavailable: 69,
    internal: 70,
    state: 73,
    output: 74,
    refused: 77,
    configuration: 78,
  });
});

it.each<[rule: string, polls: readonly ('read' | ErrorKind)[], expected: number]>([
  ['everything was read', ['read', 'read'], 0],
  ['nothing was to be read', [], 0],
  ['some could not be read', ['read', 'network'], 1],
  ['some could not be read, for whatever reason', ['read', 'unauthorized'], 1],
  ['credentials were refused', ['unauthorized'], 77],
  ['credentials were refused, among other faults', ['network', 'unauthorized', 'not_found'], 77],
  ['no network', ['network'], 69],
  ['no reply in time', ['timeout'], 69],
  ['no trust in the certificate', ['tls'], 69],
  ['rate limited', ['rate_limited'], 69],
  ['Atlas is in trouble', ['server_error', 'network'], 69],
  ['wrong ids', ['not_found'], 1],
  ['an address that is not on the access list', ['forbidden'], 1],
  ['out of reach and wrong ids', ['network', 'not_found'], 1],
  ['no reply of Atlas', ['bad_reply'], 1],
])('a round ends like this: %s (%j) gives %d', (_rule, polls, expected) => {
  expect(roundExitCode(polls.map((poll) => (poll === 'read' ? poll : errorOf(poll))))).toBe(expected);
});
