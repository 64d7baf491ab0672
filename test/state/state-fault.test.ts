import { expect, test } from 'vitest';
import { stateFaultOf } from '../../src/state/state-fault.ts';
import { StateFileError } from '../../src/state/state-file-error.ts';

function sqliteError(errcode: number): Error {
  return Object.assign(new Error('from SQLite'), { code: 'ERR_SQLITE_ERROR', errcode });
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

test.each([
  ['SQLITE_FULL', sqliteError(13), 'disk_full'],
  ['SQLITE_READONLY', sqliteError(8), 'read_only'],
  ['SQLITE_READONLY_DBMOVED', sqliteError(8 | (4 << 8)), 'read_only'],
  ['SQLITE_CANTOPEN', sqliteError(14), 'read_only'],
  ['SQLITE_BUSY', sqliteError(5), 'locked'],
  ['SQLITE_BUSY_SNAPSHOT', sqliteError(5 | (2 << 8)), 'locked'],
  ['SQLITE_CORRUPT', sqliteError(11), 'damaged'],
  ['SQLITE_NOTADB', sqliteError(26), 'damaged'],
  ['SQLITE_IOERR_WRITE', sqliteError(10 | (3 << 8)), 'io_error'],
  ['a missing table', sqliteError(1), 'io_error'],
  ['a missing folder', systemError('ENOENT'), 'missing'],
  ['a read-only disk', systemError('EROFS'), 'read_only'],
  ['a disk error', systemError('EIO'), 'io_error'],
  ['a file that is refused', new StateFileError('x'), 'damaged'],
  ['another watcher', new StateFileError('x', { reason: 'held' }), 'held'],
])('%s is trouble of the state file, with a remedy', (_what, error, reason) => {
  const fault = stateFaultOf(error);
  expect(fault?.reason).toBe(reason);
  expect(fault?.remedy).toMatch(/^[A-Z].*\.$/);
});

test.each([
  ['a broken rule of the schema', sqliteError(19)],
  ['misuse', sqliteError(21)],
  ['any other error', new TypeError('x is not a function')],
  ['what is no error', 'text'],
])('%s is no trouble of the state file', (_what, error) => {
  expect(stateFaultOf(error)).toBeUndefined();
});
