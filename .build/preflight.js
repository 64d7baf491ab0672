// Says in one sentence why a script of package.json cannot run here, instead of a stack trace. Plain JavaScript, since it
// may run under any Node.js.

import { existsSync } from 'node:fs';
import module from 'node:module';

/** What the bundler's native part asks for; npm leaves that part out, without a word, where npm's own Node.js is another. */
const forInstall = '20.19, 22.12, 24 or newer';
const [, , step] = process.argv;
const problem = await problemOf();
if (problem !== undefined) {
  process.stderr.write(`cutover-watch: ${problem}\n`);
  // An install without the bundle is of use: npm start and npm run demo run the source.
  process.exitCode = step === 'install' ? 0 : 1;
}
// Without the bundler's list of what it wrote, which hides all else.
if (step === 'install' && problem === undefined) {
  const { spawnSync } = await import('node:child_process');
  process.exitCode =
    spawnSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'ignore', 'inherit'] }).status ?? 1;
}

/** Returns what is missing and what to do. */
async function problemOf() {
  if (Number.parseInt(process.versions.node, 10) < 24)
    return `the Node.js 24 that npm installs with the project is missing, and this is ${process.versions.node}. Install again with npm ci --include=dev --ignore-scripts=false.`;
  if (!isInstalled('undici') || !isInstalled('rolldown'))
    return 'the development packages are missing, without which a checkout can neither start nor bundle the program. Install them with npm ci --include=dev.';
  if (step === 'start') return undefined;
  try {
    await import('rolldown');
    return undefined;
  } catch {
    return `the program cannot be bundled, because npm left out the bundler's native part; npm start and npm run demo work. To build and test, install again with npm under Node.js ${forInstall}: npx -y -p node@24 npm ci`;
  }
}

/** Returns whether a package is there, without loading it. */
function isInstalled(name) {
  const { paths } = module.createRequire(import.meta.url).resolve;
  return paths(name).some((folder) => existsSync(`${folder}/${name}/package.json`));
}
