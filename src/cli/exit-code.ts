import type { AtlasError } from '../atlas/atlas-error.ts';

/** Exit codes, from sysexits.h where possible. They are a contract with scripts and service managers. */
export const exitCode = {
  done: 0,
  /** The answer is no: some migration could not be read. */
  no: 1,
  usage: 64,
  unavailable: 69,
  internal: 70,
  state: 73,
  /** The result could not be written to standard output. */
  output: 74,
  refused: 77,
  configuration: 78,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** What each code says, for people. */
export const exitMeanings: readonly (readonly [ExitCode, string])[] = [
  [exitCode.done, 'Done. The daemon ends so after SIGTERM, SIGINT and SIGQUIT.'],
  [
    exitCode.no,
    'The answer is no: check or init could not read some migration; wait: one ended otherwise, or the time ran out, or it was interrupted; run: its --timeout ran out; healthcheck: the poll loop is stuck; notify test: a test did not arrive.',
  ],
  [exitCode.usage, 'The command line is wrong or incomplete.'],
  [
    exitCode.unavailable,
    'Atlas cannot be reached, and nothing was read; healthcheck: no watcher answers; run: the address of its server is taken.',
  ],
  [exitCode.internal, 'An internal error, or a Node.js that is too old.'],
  [exitCode.state, 'The state file or database cannot be used, or another watcher uses it.'],
  [exitCode.output, 'The result could not be written to standard output.'],
  [exitCode.refused, 'Atlas refused the credentials, and nothing was read.'],
  [exitCode.configuration, 'The configuration or the credentials are missing or wrong.'],
];

/**
 * Returns how a single round over all migrations ends: 0 when every one was read, 1 when some could not be;
 * with nothing read, 77 when credentials were refused and 69 when Atlas could not be reached.
 */
export function roundExitCode(polls: readonly ('read' | AtlasError)[]): ExitCode {
  const errors = polls.filter((poll) => poll !== 'read');
  if (errors.length === 0) return exitCode.done;
  if (errors.length < polls.length) return exitCode.no;
  if (errors.some(({ kind }) => kind === 'unauthorized')) return exitCode.refused;
  return errors.every(isOutOfReach) ? exitCode.unavailable : exitCode.no;
}

function isOutOfReach({ kind }: AtlasError): boolean {
  return ['network', 'timeout', 'tls', 'rate_limited', 'server_error'].includes(kind);
}
