import { mkdirSync, rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';

/** Makes the temporary folder of browsers. It goes with this process: workers end after what vitest would call here. */
export function setup({ config }: TestProject): void {
  const { TMPDIR: folder = '' } = config.env;
  mkdirSync(folder, { recursive: true });
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
}
