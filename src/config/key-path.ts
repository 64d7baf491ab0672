/** Where a value sits in the configuration: keys and list positions from the top. */
export type KeyPath = readonly PropertyKey[];

/** Returns a path as people write it: `migrations[1].groupId`, `labels["cost centre"]`. */
export function formatPath(path: KeyPath): string {
  return path.map(formatStep).join('').replace(/^\./, '');
}

function formatStep(step: PropertyKey): string {
  if (typeof step === 'number') return `[${step}]`;
  const key = String(step);
  return /^[A-Za-z_][\w-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
