import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from './e2e/program.ts';

const script = new URL('../.build/preflight.js', import.meta.url).pathname;

/** Runs the preflight of a step; `version` in place of that of this Node.js. */
function preflight(step: string, { version, path = script }: { version?: string; path?: string } = {}) {
  const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  const disguise =
    version === undefined ? [] : ['--import', `data:text/javascript,${encodeURIComponent(older)}`];
  const { status, stderr } = spawnSync(process.execPath, [...disguise, path, step], { encoding: 'utf8' });
  return [status, stderr];
}

/** A copy beside which only an undici is, and a bundler of this code; or nothing. */
function elsewhere(bundler?: string): string {
  const folder = temporaryFolder();
  const path = join(folder, 'preflight.mjs');
  copyFileSync(script, path);
  if (bundler === undefined) return path;
  for (const name of ['undici', 'rolldown']) {
    const home = join(folder, 'node_modules', name);
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'package.json'), '{"type":"module","exports":"./index.js"}');
    writeFileSync(join(home, 'index.js'), bundler);
  }
  return path;
}

test('a script that can run is not commented', () => {
  expect([preflight('start'), preflight('build')]).toEqual([
    [0, ''],
    [0, ''],
  ]);
});

test('where npm installed no Node.js 24, one sentence says how to install it', () => {
  const sentence = expect.stringMatching(
    /^cutover-watch: .* this is 18\.20\.4\. Install again with npm ci .*\n$/,
  );
  for (const step of ['start', 'build'])
    expect(preflight(step, { version: '18.20.4' })).toEqual([1, sentence]);
});

test('where npm left out a part of the bundler, the program starts, and a build says what to do', () => {
  const path = elsewhere("throw new Error('Cannot find native binding.')");
  const sentence = expect.stringMatching(/^cutover-watch: .* npx -y -p node@24 npm ci\n$/);
  expect(['start', 'install', 'build'].map((step) => preflight(step, { path }))).toEqual([
    [0, ''],
    [0, sentence],
    [1, sentence],
  ]);
});

test('where the development packages are missing, one sentence says how to install them', () => {
  const path = elsewhere();
  const sentence = expect.stringMatching(/^cutover-watch: .*npm ci --include=dev\.\n$/);
  expect(['install', 'start', 'build'].map((step) => preflight(step, { path }))).toEqual([
    [0, sentence],
    [1, sentence],
    [1, sentence],
  ]);
});
