import packageJson from '../../package.json' with { type: 'json' };

/** Returns the version of this program, from its package.json. */
export function readVersion(): string {
  return packageJson.version;
}
