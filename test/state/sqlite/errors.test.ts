import { expect, test } from 'vitest';
import { asStateFault, describeFault, faultReason, isTransient } from '../../../src/state/sqlite/errors.ts';
import { DamagedRecordError, StateError } from '../../../src/state/store.ts';

function sqliteError(errcode: number): Error {
  return Object.assign(new Error('from SQLite'), { code: 'ERR_SQLITE_ERROR', errcode });
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

test.each([
  { what: 'SQLITE_FULL', error: sqliteError(13), reason: 'disk_full' },
  { what: 'SQLITE_READONLY', error: sqliteError(8), reason: 'read_only' },
  { what: 'SQLITE_READONLY_DBMOVED', error: sqliteError(8 | (4 << 8)), reason: 'read_only' },
  { what: 'SQLITE_CANTOPEN', error: sqliteError(14), reason: 'read_only' },
  { what: 'SQLITE_BUSY', error: sqliteError(5), reason: 'locked' },
  { what: 'SQLITE_BUSY_SNAPSHOT', error: sqliteError(5 | (2 << 8)), reason: 'locked' },
  { what: 'SQLITE_CORRUPT', error: sqliteError(11), reason: 'damaged' },
  { what: 'SQLITE_NOTADB', error: sqliteError(26), reason: 'damaged' },
  { what: 'SQLITE_IOERR_WRITE', error: sqliteError(10 | (3 << 8)), reason: 'io_error' },
  { what: 'a missing table', error: sqliteError(1), reason: 'damaged' },
  { what: 'a missing folder', error: systemError('ENOENT'), reason: 'missing' },
  { what: 'a read-only disk', error: systemError('EROFS'), reason: 'read_only' },
  { what: 'a disk error', error: systemError('EIO'), reason: 'io_error' },
  { what: 'a record that is not valid', error: new DamagedRecordError('x'), reason: 'damaged' },
  { what: 'a number beyond all of ours', error: systemError('ERR_OUT_OF_RANGE'), reason: 'damaged' },
  { what: 'a file that is refused', error: new StateError('x'), reason: 'damaged' },
  { what: 'a second watcher', error: new StateError('x', { reason: 'held' }), reason: 'held' },
])('$what is a fault of the state file, with a remedy', ({ error, reason }) => {
  expect(faultReason(error)).toBe(reason);
  const fault = asStateFault(error, '/state.db');
  expect(fault).toMatchObject({ name: 'StateError', reason });
  expect((fault as StateError).remedy).toMatch(/^[A-Z].*\.$/);
});

test.each([
  { what: 'a violated constraint', error: sqliteError(19) },
  { what: 'misuse', error: sqliteError(21) },
  { what: 'any other error', error: new TypeError('x is not a function') },
  { what: 'what is not an error', error: 'text' },
])('$what is a mistake of the program', ({ error }) => {
  expect(faultReason(error)).toBeUndefined();
  expect(asStateFault(error, '/state.db')).toBe(error);
});

test.each([
  { rule: 'that cannot map shared memory', error: sqliteError(10 | (21 << 8)) },
  { rule: 'that cannot lock shared memory', error: sqliteError(10 | (20 << 8)) },
])('a file system $rule is named as the cause', ({ error }) => {
  expect(describeFault(error, '/state.db').message).toMatch(
    /file system .* cannot share memory between programs.* local disk\.$/,
  );
});

test('a connection survives a lock and a full disk, and no damage', () => {
  expect([5, 6, 13, 11, 10].map((code) => isTransient(sqliteError(code)))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

test('a fault keeps its message and gets the remedy for a store that worked before', () => {
  expect(describeFault(new StateError('Refused.', { reason: 'held' }), '/state.db')).toMatchObject({
    message: 'Refused.',
    reason: 'held',
    remedy: 'Stop the other watcher that uses it.',
  });
});
