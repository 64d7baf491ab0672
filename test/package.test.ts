import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from './e2e/program.ts';

const root = new URL('../', import.meta.url).pathname;
const description = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** What people keep beside the program: their configurations, keys and state. */
const own = [
  'config/cutover-watch.yaml',
  'config/migrations.d/orders.yaml',
  'config/atlas-private-key',
  'config/kubernetes/secret.yaml',
  'config/prometheus/web.key',
  'config/state.db',
  'state.db-wal',
  '.env',
];

test('the package has the program and the pages of config, and nothing that people keep beside them', () => {
  const folder = temporaryFolder();
  for (const name of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'config'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const name of [...own, 'dist/main.js']) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), '');
  }
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'];
  const { stdout } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
  const said: unknown = JSON.parse(stdout);
  const [packed] = (Array.isArray(said) ? said : Object.values(Object(said))) as {
    files: { path: string }[];
  }[];
  const names = packed?.files.map(({ path }) => path) ?? [];
  const wanted: string[] = [
    'package.json',
    'README.md',
    'LICENSE',
    'dist/main.js',
    ...description.files.slice(1),
  ];
  expect(names.toSorted()).toEqual(wanted.toSorted());
  expect(names).not.toEqual(expect.arrayContaining([expect.stringMatching(own.join('|'))]));
});

test('the package needs no other package: the bundle holds them, but for one that is native and optional', () => {
  const { dependencies, optionalDependencies, bin, license, engines } = description;
  expect({ dependencies, optional: Object.keys(optionalDependencies) }).toEqual({
    dependencies: undefined,
    optional: ['koffi'],
  });
  expect({ bin, license, engines, private: description.private }).toEqual({
    bin: { 'cutover-watch': 'dist/main.js' },
    license: 'Apache-2.0',
    engines: { node: '>=24' },
    private: undefined,
  });
});
