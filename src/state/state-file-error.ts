import type { EventFields } from '../events/catalogue.ts';
import { resultCode, resultCodes } from './result-code.ts';

/** Why the state file cannot be used. */
export type StateFaultReason = EventFields['watcher.state_unavailable']['reason'];

/** The state file cannot be used. The message says which file, why, and what to do. */
export class StateFileError extends Error {
  override readonly name = 'StateFileError';
  readonly reason: StateFaultReason;

  constructor(message: string, options: ErrorOptions & { readonly reason?: StateFaultReason } = {}) {
    super(message, options);
    this.reason = options.reason ?? 'damaged';
  }
}

const { busy, corrupt, notADatabase, readOnly, cannotOpen, full } = resultCodes;

/** Returns whether another connection holds the lock that was asked for. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === busy;
}

/** Turns what the store threw while being opened into a sentence with a remedy. Nothing is ever overwritten. */
export function describeOpenError(error: unknown, path: string): StateFileError {
  if (error instanceof StateFileError) return error;
  return new StateFileError(`${path}: ${explain(error)}`, { cause: error });
}

function explain(error: unknown): string {
  switch (resultCode(error)) {
    case busy:
      return 'the state file is locked by another program; end that program, or set state.path to another file.';
    case corrupt:
    case notADatabase:
      return 'this is no usable state file (it is damaged, or something else). Move it away to start afresh, or set state.path to another file; it was not touched.';
    case readOnly:
    case cannotOpen:
      return 'the state file cannot be opened. Give the user of this process access to it and to its folder (the watcher needs to write there), or set state.path to a place that has it.';
    case full:
      return 'there is no space left for the state file. Free some, or set state.path to another disk.';
    default:
      return `the state file cannot be used (${error instanceof Error ? error.message : 'unknown error'}). Check the folder and its permissions, or set state.path to another file.`;
  }
}
