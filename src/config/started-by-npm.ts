import type { Environment } from './interpolate.ts';

/** Returns whether a script of this package started the program: `npm start` or `npm run demo`. */
export function isStartedByNpm({
  npm_lifecycle_event: script,
  npm_package_name: name,
}: Environment): boolean {
  return name === 'cutover-watch' && (script === 'start' || script === 'demo');
}
