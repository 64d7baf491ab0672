import type { Environment } from '../config/interpolate.ts';

/** Returns how people call this program where they started it, as far as the beginning of a command. */
export function programName({ npm_lifecycle_event: script }: Environment): string {
  return script === 'start' || script === 'demo' ? 'npm start --' : 'cutover-watch';
}
