import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCode } from '../../src/cli/exit-code.ts';
import { apiKey, temporaryFolder, writeConfig } from '../e2e/program.ts';

const unit = readFileSync(new URL('../../config/systemd/cutover-watch.service', import.meta.url), 'utf8');
const guide = readFileSync(new URL('../../config/systemd/README.md', import.meta.url), 'utf8');
const besideService = new URL('../../config/systemd/cutover-watch', import.meta.url).pathname;
const main = new URL('../../dist/main.js', import.meta.url).pathname;
const isMissing = spawnSync('systemd-analyze', ['--version']).status !== 0;

function valuesOf(key: string): string[] {
  return [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

/** The unit as a file that systemd finds its program for: `verify` looks whether there is one. */
function unitFile(): string {
  const file = join(temporaryFolder(), 'cutover-watch.service');
  writeFileSync(file, unit.replace('ExecStart=node ', `ExecStart=${process.execPath} `));
  return file;
}

function analyze(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test.skipIf(isMissing)(
  'systemd has nothing to say of the unit (skipped where systemd-analyze is missing)',
  () => {
    expect(analyze('verify', unitFile())).toEqual({ status: 0, stdout: '', stderr: '' });
  },
);

test.skipIf(isMissing)(
  'the unit is exposed to 1.4 of 10 at the most (skipped where systemd-analyze is missing)',
  () => {
    const { status, stdout } = analyze('security', '--offline=true', '--threshold=14', unitFile());
    expect(status, stdout).toBe(0);
    expect(stdout).toMatch(/exposure level for cutover-watch\.service: [01]\.\d/);
  },
);

test.skipIf(isMissing)(
  'systemd takes the drop-in for a standby (skipped where systemd-analyze is missing)',
  () => {
    const file = unitFile();
    mkdirSync(`${file}.d`);
    const dropIn = new URL('../../config/systemd/standby.conf', import.meta.url);
    copyFileSync(dropIn, join(`${file}.d`, 'standby.conf'));
    expect(analyze('verify', file)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(dropIn, 'utf8')).toContain(
      '\nLoadCredential=state-url:/etc/cutover-watch/state-url\n',
    );
    expect(guide).toContain('> /etc/cutover-watch/state-url)');
  },
);

test('an exit that a restart cannot fix is not restarted', () => {
  const codes = [exitCode.usage, exitCode.refused, exitCode.configuration];
  expect(valuesOf('RestartPreventExitStatus')).toEqual([codes.join(' ')]);
});

test('config/systemd/README.md puts every file where the unit looks for it', () => {
  const paths = unit.match(/(?<=[\s:])\/(?:etc|opt)\/cutover-watch\/[\w./-]*/g) ?? [];
  expect(new Set(paths).size).toBeGreaterThan(4);
  const inComments = new Set([...unit.matchAll(/^#.*:(\S+)$/gm)].map(([, path]) => path));
  const optional = new Set(valuesOf('EnvironmentFile').map((path) => path.slice(1)));
  for (const path of paths)
    if (!inComments.has(path) && !optional.has(path))
      expect(guide, path).toContain(path.replace('/dist/main.js', '/\n'));
});

test('the drop-in for another Node.js is the commands of the unit with its path', () => {
  for (const key of ['ExecStart', 'ExecReload'])
    expect(valuesOf(`#   ${key}`)).toEqual([
      // Without the reset, systemd would add to what there is.
      '',
      ...valuesOf(key).map((value) => value.replace(/\bnode (?=\/opt)/, '/opt/node/bin/node ')),
    ]);
});

test('a reload looks at the configuration and the credentials first, and prints only what is wrong', () => {
  const folder = temporaryFolder();
  for (const [name, key] of [
    ['atlas-public-key', apiKey.publicKey],
    ['atlas-private-key', apiKey.privateKey],
  ] as const)
    writeFileSync(join(folder, name), `${key}\n`, { mode: 0o600 });
  const config = { migrations: [`${'5f'.repeat(12)}/${'7e'.repeat(12)}`] };
  const file = writeConfig(folder, config);
  const [command = ''] = valuesOf('ExecReload');
  const [, script = ''] = /^\/bin\/sh -c '(.*)'$/.exec(command) ?? [];
  const here = script
    .replace('%t/cutover-watch-credentials', folder)
    .replace(' node ', ` ${process.execPath} `)
    .replace('/opt/cutover-watch/dist/main.js', main)
    .replace('/etc/cutover-watch/cutover-watch.yaml', file);
  const reload = () => {
    const env = { PATH: process.env.PATH, HOME: '/nonexistent' };
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', here], { encoding: 'utf8', env });
    return { status, stdout, stderr };
  };
  expect(reload()).toEqual({ status: 0, stdout: '', stderr: `${file} is valid: 1 migration.\n` });
  writeFileSync(join(folder, 'atlas-private-key'), '');
  expect(reload()).toMatchObject({ status: 78, stdout: '', stderr: expect.stringContaining('is empty') });
});

test('the command beside the service uses what the unit uses, and starts its program', () => {
  const script = readFileSync(besideService, 'utf8');
  const [program = ''] = valuesOf('ExecStart').map((value) => value.replace(/^node (\S+) .*$/, '$1'));
  const [config = ''] = valuesOf('ExecStart').map((value) => value.replace(/^.* -c /, ''));
  const [keys = ''] = valuesOf('LoadCredential').map((value) => value.replace(/^.*:(.*)\/[^/]*$/, '$1'));
  const [environment = ''] = valuesOf('EnvironmentFile').map((value) => value.slice(1));
  const paths = [program, config, keys, environment, `/var/lib/${valuesOf('StateDirectory').join('')}`];
  for (const path of paths) expect(script).toContain(path);

  const folder = temporaryFolder();
  writeFileSync(join(folder, 'atlas-public-key'), apiKey.publicKey, { mode: 0o600 });
  writeFileSync(join(folder, 'atlas-private-key'), apiKey.privateKey, { mode: 0o600 });
  const migrations = [{ name: '${NAME}', groupId: '5f'.repeat(12), liveMigrationId: '7e'.repeat(12) }];
  const file = join(folder, 'cutover-watch.yaml');
  writeFileSync(file, JSON.stringify({ http: { listen: false }, migrations }));
  writeFileSync(join(folder, 'environment'), '# A comment.\nNAME=orders\n');
  const here = script
    .replaceAll(program, main)
    .replaceAll(config, file)
    .replaceAll(environment, join(folder, 'environment'))
    .replaceAll('/var/lib/cutover-watch', folder)
    .replaceAll('=/etc/cutover-watch ', `=${folder} `)
    .replaceAll('exec node ', `exec ${process.execPath} `);
  const env = { PATH: process.env.PATH, HOME: '/nonexistent' };
  const args = ['-c', here, 'cutover-watch', 'validate', '--json'];
  const { status, stdout, stderr } = spawnSync('/bin/sh', args, { encoding: 'utf8', env });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stdout).toContain(join(folder, 'state.db'));
  expect(stdout).toContain('"orders"');
});
