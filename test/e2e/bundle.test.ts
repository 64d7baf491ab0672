import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configFor, startAtlas } from './atlas-by-hand.ts';
import { keyInEnvironment, migrationEvents, runToEnd, temporaryFolder, writeConfig } from './program.ts';

const root = new URL('../..', import.meta.url).pathname;
const dist = join(root, 'dist');
const files = readdirSync(dist);

/** Not in the bundle: koffi is native code, and optional; node-fetch is never asked for where there is a global fetch. */
const outside: ReadonlySet<string> = new Set(['koffi', 'node-fetch']);

test('the built folder works wherever it is copied to, without the packages it was made from', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING', readyForCutover: true });
  const folder = temporaryFolder();
  cpSync(dist, join(folder, 'program'), { recursive: true });
  const config = writeConfig(folder, configFor(atlas.simulator.baseUrl));
  const main = join(folder, 'program/main.js');
  const { code, events, stderr } = await runToEnd(['run', '--once', '-c', config], keyInEnvironment(), main);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(migrationEvents(events)).toEqual(['migration.first_seen', 'migration.ready_for_cutover']);
});

test.each(['MD5', 'SHA-256'] as const)('the bundle signs with %s', async (algorithm) => {
  const atlas = await startAtlas({ algorithm });
  atlas.say(0, { status: 'WORKING' });
  const config = writeConfig(temporaryFolder(), configFor(atlas.simulator.baseUrl));
  expect(await runToEnd(['check', '-c', config])).toMatchObject({ code: 0, stderr: '' });
});

test('the bundle imports what is in it, and Node.js has all else', () => {
  const imports = files
    .filter((file) => file.endsWith('.js'))
    .flatMap((file) => [
      ...readFileSync(join(dist, file), 'utf8').matchAll(
        /(?:^|[;}])import[^"'`();]*from"(.+?)"|\bimport\([`"](.+?)[`"]\)/gm,
      ),
    ])
    .map(([, from, dynamic]) => from ?? dynamic ?? '');
  expect(imports.length).toBeGreaterThan(20);
  const known = (name: string): boolean => files.includes(name.replace('./', '')) || outside.has(name);
  expect(imports.filter((name) => !known(name))).toEqual([]);
});

test('the first file imports nothing, so that any Node.js can say that it is too old', () => {
  expect(readFileSync(join(dist, 'main.js'), 'utf8')).not.toMatch(/^import\b/m);
});

test('the license of every package that the program uses is in the bundle', () => {
  const licenses = readFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('page/'))
    .map((file) => readFileSync(join(root, 'src', file), 'utf8'));
  const imported = sources.flatMap((source) => [
    ...source.matchAll(/^(?:import (?!type )|\} )[^'\n]*from '([^.'][^']*)';|\bimport\('([^.'][^']*)'\)/gm),
  ]);
  const packages = new Set(imported.map(([, name, dynamic]) => name ?? dynamic ?? ''));
  // The facade only passes on what its own packages export, so nothing of it is in the bundle but those.
  const bundled = [...packages].filter(
    (name) => !isBuiltin(name) && name !== '@inquirer/prompts' && !outside.has(name),
  );
  expect(bundled).toEqual(expect.arrayContaining(['undici', 'digest-fetch', 'pg', 'nodemailer']));
  for (const name of bundled) {
    const { version } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
    expect(licenses).toContain(`${name} ${version}\n`);
  }
  expect(licenses).toMatch(/^@inquirer\/input /m);
});

test('the program takes less than 6 MB', () => {
  const bytes = files.reduce((sum, file) => sum + statSync(join(dist, file)).size, 0);
  expect(bytes).toBeGreaterThan(500_000);
  expect(bytes).toBeLessThan(6_000_000);
});
