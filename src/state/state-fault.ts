import { resultCode, resultCodes } from './result-code.ts';
import { type StateFaultReason, StateFileError } from './state-file-error.ts';

const reasonsByResult: Readonly<Partial<Record<number, StateFaultReason>>> = {
  [resultCodes.permission]: 'read_only',
  [resultCodes.readOnly]: 'read_only',
  [resultCodes.cannotOpen]: 'read_only',
  [resultCodes.busy]: 'locked',
  [resultCodes.locked]: 'locked',
  [resultCodes.protocol]: 'locked',
  [resultCodes.full]: 'disk_full',
  [resultCodes.corrupt]: 'damaged',
  [resultCodes.notADatabase]: 'damaged',
};

/** What only a mistake of this program leads to: retrying would not help. */
const mistakes: ReadonlySet<number> = new Set([
  resultCodes.tooBig,
  resultCodes.constraint,
  resultCodes.mismatch,
  resultCodes.misuse,
  resultCodes.range,
]);

const reasonsByErrno: Readonly<Partial<Record<string, StateFaultReason>>> = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  EROFS: 'read_only',
  EACCES: 'read_only',
  EPERM: 'read_only',
  ENOSPC: 'disk_full',
  EDQUOT: 'disk_full',
  EIO: 'io_error',
  ESTALE: 'io_error',
};

const remedies: Readonly<Record<StateFaultReason, string>> = {
  disk_full: 'Free some space on its disk.',
  read_only: 'Give the user of this process write access to it and to its folder.',
  locked: 'End the other program that has locked it.',
  held: 'Stop the other watcher that has taken it.',
  missing: 'Put its folder back; the file itself is made anew.',
  damaged: 'Move it away, and a new one is made.',
  io_error: 'Check its disk.',
};

/**
 * Returns why the store failed, with a remedy; undefined for what is no trouble of the file but a mistake of this
 * program.
 */
export function stateFaultOf(error: unknown): { reason: StateFaultReason; remedy: string } | undefined {
  const reason = reasonOf(error);
  return reason && { reason, remedy: remedies[reason] };
}

function reasonOf(error: unknown): StateFaultReason | undefined {
  if (error instanceof StateFileError) return error.reason;
  const code = resultCode(error);
  if (code !== undefined) return mistakes.has(code) ? undefined : (reasonsByResult[code] ?? 'io_error');
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return reasonsByErrno[error.code];
}
