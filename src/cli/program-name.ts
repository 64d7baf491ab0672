import packageJson from '../../package.json' with { type: 'json' };
import type { Environment } from '../config/interpolate.ts';

/** Returns the version of this program, from its package.json. */
export function readVersion(): string {
  return packageJson.version;
}

/** Returns whether a script of this package started the program: `npm start` or `npm run demo`. */
export function isStartedByNpm({ npm_lifecycle_event: script }: Environment): boolean {
  return script === 'start' || script === 'demo';
}

/** Returns how a command line of this program begins: with npm, if npm started it. */
export function programName(env: Environment): string {
  return isStartedByNpm(env) ? 'npm start --' : 'cutover-watch';
}
