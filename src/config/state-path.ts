import { isAbsolute, join } from 'node:path';
import type { Environment } from './interpolate.ts';

/**
 * Returns where the state is kept unless the configuration says so: $STATE_DIRECTORY (its first entry, as systemd.exec
 * separates several by colons), else $XDG_STATE_HOME when absolute (XDG Base Directory Specification), else below
 * $HOME; undefined when none is set.
 */
export function defaultStatePath(env: Environment): string | undefined {
  const stateDirectory = env.STATE_DIRECTORY?.split(':').find((directory) => directory !== '');
  if (stateDirectory !== undefined) return join(stateDirectory, 'state.db');
  const xdgStateHome = env.XDG_STATE_HOME ?? '';
  if (isAbsolute(xdgStateHome)) return join(xdgStateHome, 'cutover-watch', 'state.db');
  const home = env.HOME ?? '';
  return home === '' ? undefined : join(home, '.local', 'state', 'cutover-watch', 'state.db');
}
