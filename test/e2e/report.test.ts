import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configFor, migrationId, startAtlas } from './atlas-by-hand.ts';
import { apiKey, runToEnd, start, temporaryFolder, writeConfig } from './program.ts';

test('report summarizes a migration beside the watcher, in every format, and names are checked', async () => {
  const atlas = await startAtlas();
  const working = { status: 'WORKING', migrationHosts: ['<b>host</b>'] };
  atlas.say(0, { ...working, readyForCutover: false, lagTimeSeconds: 90 });
  atlas.say(1, { status: 'NEW' });
  const folder = temporaryFolder();
  const file = writeConfig(folder, configFor(atlas.simulator.baseUrl, 2));
  const watcher = start(['run', '-c', file]);
  await watcher.until(({ event, migration }) => event === 'migration.first_seen' && migration === 'm1');
  await watcher.until(({ event, migration }) => event === 'migration.first_seen' && migration === 'm0');
  atlas.say(0, { ...working, readyForCutover: true, lagTimeSeconds: 3 });
  await watcher.until(({ event }) => event === 'migration.ready_for_cutover');

  const markdown = await runToEnd(['report', '-c', file, 'm0'], {});
  expect(markdown).toMatchObject({ code: 0, stderr: '' });
  expect(markdown.stdout).toMatch(/^# m0: ready for cutover\n/);
  expect(markdown.stdout).toContain('- **Migration hosts:** &lt;b&gt;host&lt;/b&gt;');

  atlas.say(0, { ...working, status: 'COMPLETE' });
  await watcher.until(({ event }) => event === 'migration.completed');
  const { stdout } = await runToEnd(['report', '-c', file, '--format', 'json'], {});
  expect(JSON.parse(stdout)).toMatchObject({
    migrations: [
      {
        name: 'm0',
        liveMigrationId: migrationId(0),
        outcome: 'complete',
        windowRespected: true,
        lagAtCutoverSeconds: 3,
        phases: [{ phase: 'catching_up' }, { phase: 'ready' }],
        timeline: [
          { event: 'migration.first_seen' },
          { event: 'migration.ready_for_cutover' },
          { event: 'migration.status_changed' },
          { event: 'migration.completed' },
        ],
      },
      { name: 'm1', outcome: 'under way', status: 'NEW' },
    ],
  });
  const html = await runToEnd(['report', '-c', file, '--format', 'html', '--title', 'CHG0012'], {});
  expect(html).toMatchObject({ code: 0, stderr: '' });
  expect(html.stdout).toMatch(/^<!doctype html>.*<path class="lag" d="M.*<\/html>\n$/s);
  expect(html.stdout).toContain('<h1>CHG0012</h1>');
  expect(html.stdout).not.toContain('<b>');
  await watcher.end();

  const unknown = await runToEnd(['report', '-c', file, 'm00'], {});
  expect(unknown).toMatchObject({
    code: 64,
    stdout: '',
    stderr: 'There is no migration "m00" in the configuration or the record. Did you mean m0?\n',
  });
});

test('report, history and check show no key, though Atlas and the configuration have it', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: `not ${apiKey.privateKey}`, migrationHosts: [apiKey.privateKey] });
  const config = configFor(atlas.simulator.baseUrl);
  const [migration] = config.migrations as readonly object[];
  const folder = temporaryFolder();
  const migrations = [{ ...migration, name: ['x$', '{MONGODB_ATLAS_PRIVATE_API_KEY}'].join('') }];
  const file = writeConfig(folder, { ...config, migrations });
  expect((await runToEnd(['run', '--once', '-c', file])).code).toBe(0);
  expect(readFileSync(join(folder, 'state.db'), 'latin1')).not.toContain(apiKey.privateKey);
  const formats = ['md', 'html', 'json'].map((format) => ['report', '--format', format]);
  for (const args of [...formats, ['history', '--json'], ['history'], ['check', '--json']]) {
    const { code, stdout, stderr } = await runToEnd([...args, '-c', file]);
    expect({ args, code }).toEqual({ args, code: 0 });
    expect(stdout).toContain('redacted');
    expect(stdout + stderr).not.toContain(apiKey.privateKey);
    if (args.includes('json') || args[0] === 'check')
      expect(() => JSON.parse(stdout) as unknown).not.toThrow();
  }
});

test('report says plainly when there is nothing to read', async () => {
  const folder = temporaryFolder();
  const file = writeConfig(folder, configFor('http://127.0.0.1:1'));
  const { code, stdout, stderr } = await runToEnd(['report', '-c', file], {});
  expect({ code, stdout }).toEqual({ code: 73, stdout: '' });
  expect(stderr).toContain(`${join(folder, 'state.db')}: there is no state file yet.`);
});
