import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { exitCode } from '../../src/cli/exit-code.ts';
import { apiKey, temporaryFolder, writeConfig } from '../e2e/program.ts';

const unit = readFileSync(new URL('../../config/systemd/cutover-watch.service', import.meta.url), 'utf8');
const guide = readFileSync(new URL('../../config/systemd/README.md', import.meta.url), 'utf8');
const besideService = new URL('../../config/systemd/cutover-watch', import.meta.url).pathname;
const main = new URL('../../dist/main.js', import.meta.url).pathname;
const node = '/usr/lib/cutover-watch/node';
const installed = '/usr/lib/cutover-watch/main.js';
const isMissing = spawnSync('systemd-analyze', ['--version']).status !== 0;

function valuesOf(key: string): string[] {
  return [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

/** The unit as a file that systemd finds its program for: `verify` looks whether there is one. */
function unitFile(): string {
  const file = join(temporaryFolder(), 'cutover-watch.service');
  writeFileSync(file, unit.replaceAll(node, process.execPath));
  return file;
}

function analyze(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test.skipIf(isMissing)(
  'systemd has nothing to say of the unit (skipped where systemd-analyze is missing)',
  () => {
    expect(analyze('verify', '--man=no', unitFile())).toEqual({ status: 0, stdout: '', stderr: '' });
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
    expect(analyze('verify', '--man=no', file)).toEqual({ status: 0, stdout: '', stderr: '' });
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

test('config/systemd/README.md writes every file of /etc that the unit needs', () => {
  const paths = unit.match(/(?<=[\s:])\/etc\/cutover-watch\/[\w.-]+/g) ?? [];
  expect(new Set(paths).size).toBeGreaterThan(4);
  const inComments = new Set([...unit.matchAll(/^#.*:(\S+)$/gm)].map(([, path]) => path));
  const optional = new Set(valuesOf('EnvironmentFile').map((path) => path.slice(1)));
  for (const path of paths)
    if (!inComments.has(path) && !optional.has(path)) expect(guide, path).toContain(path);
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
    .replace(node, process.execPath)
    .replace(installed, main)
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

function configurationOf(name: string): string {
  const migrations = [{ name, groupId: '5f'.repeat(12), liveMigrationId: '7e'.repeat(12) }];
  return JSON.stringify({ http: { listen: false }, migrations });
}

/** Returns whether systemd reads this value in a line, with the reader that it has for an environment file, too. */
function isReadBySystemd(line: string, value: string): boolean {
  // It is asked before any test runs.
  const folder = mkdtempSync(join(tmpdir(), 'cutover-watch-'));
  const file = join(folder, 'os-release');
  writeFileSync(file, `${line}\n`);
  const condition = `ConditionOSRelease=ID='${value.replaceAll('\\', '\\\\')}'`;
  const env = { PATH: process.env.PATH, SYSTEMD_OS_RELEASE: file };
  const { status } = spawnSync('systemd-analyze', ['condition', condition], { env });
  rmSync(folder, { recursive: true });
  return status === 0;
}

describe('the command beside the service', () => {
  const script = readFileSync(besideService, 'utf8');

  /** Runs the command with a folder in place of those of the service; OWN is another configuration. */
  function runCommand(args: readonly string[], given: Readonly<Record<string, string>> = {}, uid = 0) {
    const folder = temporaryFolder();
    const own = join(folder, 'own.yaml');
    const files = {
      'atlas-public-key': apiKey.publicKey,
      'atlas-private-key': apiKey.privateKey,
      'cutover-watch.yaml': configurationOf('${NAME}'),
      'own.yaml': configurationOf('own'),
      environment: '# A comment.\nNAME=orders\n',
    };
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(folder, name), text, { mode: 0o600 });
    const here = script
      .replaceAll(node, process.execPath)
      .replaceAll(installed, main)
      .replaceAll('/etc/cutover-watch', folder)
      .replaceAll('/var/lib/cutover-watch', join(folder, 'state'))
      .replace('$(id -u)', String(uid));
    const all = { PATH: process.env.PATH, HOME: '/nonexistent', ...given };
    const env = given.CUTOVER_WATCH_CONFIG === 'OWN' ? { ...all, CUTOVER_WATCH_CONFIG: own } : all;
    const named = args.map((arg) => (arg === 'OWN' ? own : arg));
    const options = { encoding: 'utf8', env } as const;
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', here, 'cutover-watch', ...named], options);
    return { status, said: `${stdout}${stderr}`.replaceAll(folder, '/etc') };
  }

  const ownKey = {
    MONGODB_ATLAS_PUBLIC_API_KEY: apiKey.publicKey,
    MONGODB_ATLAS_PRIVATE_API_KEY: apiKey.privateKey,
  };

  it('has the paths of the unit', () => {
    const [start = ''] = valuesOf('ExecStart');
    const config = start.replace(/^.* -c /, '');
    const [keys = ''] = valuesOf('LoadCredential').map((value) => value.replace(/^.*:(.*)\/[^/]*$/, '$1'));
    const [environment = ''] = valuesOf('EnvironmentFile').map((value) => value.slice(1));
    const paths = [config, keys, environment, `/var/lib/${valuesOf('StateDirectory').join('')}`];
    for (const path of paths) expect(script).toContain(path);
    expect(start).toBe(`${node} ${installed} run -c ${config}`);
    expect(script).toContain(`${node} --disable-sigusr1 ${installed} "$@"`);
  });

  it('uses the configuration, the key, the state and the environment of the service for root', () => {
    const { status, said } = runCommand(['validate', '--json']);
    expect(status, said).toBe(0);
    expect(said).toContain('/etc/state/state.db');
    expect(said).toContain('"orders"');
    expect(said).toContain('$CREDENTIALS_DIRECTORY/atlas-private-key');
  });

  it('hands the certificates of the environment to Node.js, which looks for them before it reads a file', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'node'), '#!/bin/sh\necho "$NODE_EXTRA_CA_CERTS"\n', { mode: 0o755 });
    writeFileSync(join(folder, 'environment'), 'A=b\nNODE_EXTRA_CA_CERTS="/etc/ca.crt"\n');
    const here = script
      .replaceAll(node, join(folder, 'node'))
      .replaceAll('/etc/cutover-watch', folder)
      .replace('$(id -u)', '0');
    const said = (env: Readonly<Record<string, string>>) =>
      spawnSync('/bin/sh', ['-c', here], { encoding: 'utf8', env: { PATH: process.env.PATH, ...env } })
        .stdout;
    expect(said({})).toBe('/etc/ca.crt\n');
    expect(said({ NODE_EXTRA_CA_CERTS: '/own.crt' })).toBe('/own.crt\n');
  });

  /** Returns what the command has as the value of a line in the environment file. */
  function readByCommand(line: string): string {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'environment'), `${line}\n`);
    writeFileSync(join(folder, 'main.js'), 'process.stdout.write(process.env.ID);');
    const here = script
      .replaceAll(node, process.execPath)
      .replaceAll(installed, join(folder, 'main.js'))
      .replaceAll('/etc/cutover-watch', folder)
      .replace('$(id -u)', '0');
    return spawnSync('/bin/sh', ['-c', here], { encoding: 'utf8', env: { PATH: process.env.PATH } }).stdout;
  }

  const quoted = { line: String.raw`ID='a#b\c\nd e'`, value: String.raw`a#b\c\nd e` };

  it('reads a value in single quotes as it is written, which the guide and the unit ask for', () => {
    expect(readByCommand(quoted.line)).toBe(quoted.value);
    expect(readByCommand('ID=a#b')).toBe('a');
    for (const text of [guide, unit.replaceAll('\n#', '')])
      expect(text).toMatch(/backslash\s.*single\s+quotes/);
  });

  const cannotAsk = !isReadBySystemd('ID=a', 'a') || isReadBySystemd('ID=a', 'b');
  it.skipIf(cannotAsk)(
    'reads a value in single quotes as systemd does (skipped where systemd-analyze cannot tell)',
    () => {
      expect(isReadBySystemd(quoted.line, quoted.value)).toBe(true);
      expect(isReadBySystemd('ID=a#b', 'a#b')).toBe(true);
    },
  );

  it('takes from root what is given: the configuration, and the key', () => {
    for (const given of [
      runCommand(['validate', '-c', 'OWN']),
      runCommand(['validate'], { CUTOVER_WATCH_CONFIG: 'OWN' }),
    ]) {
      expect(given.said).toContain('name: own');
      expect(given.said).toContain('$CREDENTIALS_DIRECTORY/atlas-private-key');
    }
    const { status, said } = runCommand(['validate'], {
      ...ownKey,
      NAME: 'mine',
      STATE_DIRECTORY: '/var/own',
    });
    expect(status, said).toBe(0);
    expect(said).toContain('name: mine');
    expect(said).toContain('/var/own/state.db');
    expect(said).toContain('$MONGODB_ATLAS_PRIVATE_API_KEY');
  });

  it('uses nothing of the service for another user who names a configuration', () => {
    const { status, said } = runCommand(['validate', '-c', 'OWN'], ownKey, 1000);
    expect(status, said).toBe(0);
    expect(said).toContain('/nonexistent/.local/state/cutover-watch/state.db');
    expect(runCommand(['validate'], {}, 1000).said).toContain('$CREDENTIALS_DIRECTORY/atlas-private-key');
  });
});
