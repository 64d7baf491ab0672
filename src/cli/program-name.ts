import packageJson from '../../package.json' with { type: 'json' };
import type { Environment } from '../config/interpolate.ts';

/** Returns the version of this program, from its package.json. */
export function readVersion(): string {
  return packageJson.version;
}

/** Returns how a command line of this program begins: with npm, if npm started it. */
export function programName({ npm_lifecycle_event: script }: Environment): string {
  return script === 'start' || script === 'demo' ? 'npm start --' : 'cutover-watch';
}
