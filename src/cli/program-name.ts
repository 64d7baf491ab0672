import packageJson from '../../package.json' with { type: 'json' };
import type { Environment } from '../config/interpolate.ts';
import { isStartedByNpm } from '../config/started-by-npm.ts';

/** Returns the version of this program, from its package.json. */
export function readVersion(): string {
  return packageJson.version;
}

/** Returns how a command line of this program begins: with npm, if npm started it. */
export function programName(env: Environment): string {
  return isStartedByNpm(env) ? 'npm start --' : 'cutover-watch';
}
