import { DamagedRecordError, StateError, type StateFaultReason } from '../store.ts';

/** How a fault reads, and what to do. */
interface Fault {
  readonly reason: StateFaultReason;
  readonly why: string;
  readonly remedy: string;
}

/** A call took longer than it may. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

const reach = 'Check that the server runs, and that this host reaches it.';
const access = 'Correct the URL of the database, or the rights of its user.';

const unreachable: Fault = { reason: 'unreachable', why: 'it cannot be reached', remedy: reach };
const noAnswer: Fault = { ...unreachable, why: 'it does not answer in time' };
const untrusted: Fault = {
  reason: 'refused',
  why: 'its TLS connection cannot be used',
  remedy: 'Check its certificate, and the sslmode and sslrootcert of the URL.',
};
const missing: Fault = {
  reason: 'missing',
  why: 'the tables of the watcher are missing',
  remedy: 'Start cutover-watch run, which creates them, or restore a backup.',
};
const damaged: Fault = {
  reason: 'damaged',
  why: 'what is stored is damaged',
  remedy: 'Restore a backup of the database, or drop the schema cutover_watch to start over.',
};
const busy: Fault = {
  reason: 'locked',
  why: 'another program locks its tables',
  remedy: 'End the program that locks them.',
};

/** By SQLSTATE, "PostgreSQL Error Codes", PostgreSQL documentation: the code itself, or its class. */
const faults: Readonly<Partial<Record<string, Fault>>> = {
  '08': unreachable,
  '28': { reason: 'refused', why: 'it refuses the user or the password', remedy: access },
  '3D000': {
    reason: 'refused',
    why: 'there is no database of this name',
    remedy: 'Create it, or correct the URL.',
  },
  '42501': {
    reason: 'refused',
    why: 'the user lacks a right',
    remedy: 'Grant it the right to create a schema in it.',
  },
  '25006': {
    reason: 'read_only',
    why: 'it is read-only: a replica, or set to be',
    remedy: 'Let the URL lead to the primary server.',
  },
  '53': {
    ...unreachable,
    why: 'it has no connection or memory left',
    remedy: 'Raise max_connections, or end others.',
  },
  '53100': { reason: 'disk_full', why: 'its disk is full', remedy: 'Free some space there.' },
  '57': { ...unreachable, why: 'it is starting, stopping, or has ended the connection' },
  '57014': noAnswer,
  '40': busy,
  '55': busy,
  '58': { reason: 'io_error', why: 'its disk fails', remedy: 'Look into the log of the server.' },
  XX: { ...damaged, why: 'the server reports an internal error', remedy: 'Look into its log.' },
  XX001: damaged,
  XX002: damaged,
  '3F000': missing,
  '42P01': missing,
  '42703': damaged,
};

/** Returns the SQLSTATE of an error that the server, or a pooler before it, has reported. */
function stateOf(error: unknown): string | undefined {
  // Each has a digit; EPIPE of the system has none.
  return codeOf(error)?.match(/^(?=.*\d)[0-9A-Z]{5}$/)?.[0];
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Returns whether the tables are missing. */
export function isMissing(error: unknown): boolean {
  return ['42P01', '3F000'].includes(stateOf(error) ?? '');
}

/** Returns whether somebody else has created the same thing at the same moment. */
export function isCreatedTwice(error: unknown): boolean {
  return ['23505', '42P06', '42P07', '42710'].includes(stateOf(error) ?? '');
}

/**
 * Returns an error of the database as a StateError that names it; a mistake of this program as it is. The words are our
 * own: those of the server may name the user.
 */
export function asStateFault(error: unknown, name: string): unknown {
  if (error instanceof StateError) return error;
  if (error instanceof DamagedRecordError)
    return new StateError(`${name}: ${error.message}. ${damaged.remedy}`, {
      cause: error,
      reason: damaged.reason,
      remedy: damaged.remedy,
    });
  const fault = faultOf(error);
  if (fault === undefined) return error;
  const { reason, why, remedy } = fault;
  const code = codeOf(error);
  const detail = code === undefined ? '' : ` (${code})`;
  return new StateError(`${name}: the database cannot be used: ${why}${detail}. ${remedy}`, {
    reason,
    remedy: `${why.charAt(0).toUpperCase()}${why.slice(1)}${detail}. ${remedy}`,
  });
}

function faultOf(error: unknown): Fault | undefined {
  if (error instanceof DeadlineError) return noAnswer;
  const state = stateOf(error);
  if (state !== undefined) return pooled(error) ?? faults[state] ?? faults[state.slice(0, 2)];
  if (!(error instanceof Error)) return undefined;
  if (/CERT|TLS|SSL/.test(codeOf(error) ?? '') || /SSL|certificate/.test(error.message)) return untrusted;
  if (/SASL|SCRAM|password must be/i.test(error.message)) return faults['28'];
  if (/timeout/i.test(error.message)) return noAnswer;
  const isConnection =
    codeOf(error)?.startsWith('E') === true || /^(Connection|Client|Cannot use a pool)/.test(error.message);
  return isConnection ? unreachable : undefined;
}

/** A pooler reports whatever is wrong as a protocol violation. */
function pooled(error: unknown): Fault | undefined {
  if (stateOf(error) !== '08P01' || !(error instanceof Error)) return undefined;
  if (/password|auth|no such user/i.test(error.message)) return faults['28'];
  return /no such database/i.test(error.message) ? faults['3D000'] : undefined;
}
