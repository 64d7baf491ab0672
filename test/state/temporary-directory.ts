import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Makes a directory that is removed when the running test is over. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'cutover-watch-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
