import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from './temporary-directory.ts';

/** Whether this machine lets us mount: only root can, and not in every container. */
export const canMount = mountWorks();

/** Mounts a small disk in memory, until the test is over. */
export function mountTiny(
  size: string,
  { over, readOnly = false }: { readonly over?: string; readonly readOnly?: boolean } = {},
) {
  const folder = over ?? temporaryDirectory();
  run('mount', ['-t', 'tmpfs', '-o', `size=${size}${readOnly ? ',ro' : ''}`, 'tmpfs', folder]);
  let mounted = true;
  const unmount = (): void => {
    if (mounted) run('umount', ['-l', folder]);
    mounted = false;
  };
  onTestFinished(unmount);
  const resize = (to: string): void => run('mount', ['-o', `remount,size=${to}`, folder]);
  return { folder, unmount, resize };
}

/** Shows one folder, read-only, in the place of another, until the test is over. */
export function mountReadOnly(folder: string, over: string) {
  run('mount', ['--bind', folder, over]);
  run('mount', ['-o', 'remount,bind,ro', over]);
  let mounted = true;
  const unmount = (): void => {
    if (mounted) run('umount', ['-l', over]);
    mounted = false;
  };
  onTestFinished(unmount);
  return { unmount };
}

function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, { stdio: 'ignore' });
}

function mountWorks(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-watch-mount-'));
  try {
    run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
    run('umount', [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
