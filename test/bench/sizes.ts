import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What is installed, in MB; undefined where there is no such thing on this machine. */
export interface Sizes {
  readonly program: number;
  readonly dependencies: number;
  readonly packages: number;
  readonly image: number | undefined;
}

const root = new URL('../../', import.meta.url).pathname;
const image = 'cutover-watch';

/** Returns the size of the built program, of the packages of production, and of the image where one has been built. */
export function measureSizes(): Sizes {
  const lock: { readonly packages: Readonly<Record<string, { readonly dev?: boolean }>> } = JSON.parse(
    readFileSync(join(root, 'package-lock.json'), 'utf8'),
  );
  const folders = Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path]) => join(root, path))
    .filter((path) => existsSync(path));
  return {
    program: megabytesIn(join(root, 'dist')),
    dependencies: folders.reduce((sum, folder) => sum + megabytesIn(folder), 0),
    packages: folders.length,
    image: imageMegabytes(),
  };
}

/** Without the packages inside a package, which are counted for themselves. */
function megabytesIn(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? sum : sum + megabytesIn(path);
    return sum + statSync(path).size / 2 ** 20;
  }, 0);
}

function imageMegabytes(): number | undefined {
  for (const program of ['docker', 'podman'])
    try {
      const bytes = execFileSync(program, ['image', 'inspect', '--format', '{{.Size}}', image], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      return Number(bytes) / 2 ** 20;
    } catch {
      // Not there, not running, or no such image.
    }
  return undefined;
}
