import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './e2e/program.ts';

const source = new URL('../', import.meta.url).pathname;
const guide = readFileSync(join(source, 'config/systemd/README.md'), 'utf8');
const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
const isMissing = process.platform !== 'linux' || spawnSync('dpkg-deb', ['--version']).status !== 0;
const cannotInstall = isMissing || process.geteuid?.() !== 0;
const cannotLint = process.env.LINTIAN !== '1' || spawnSync('lintian', ['--version']).status !== 0;

/** Runs a command, which must succeed, and returns what it printed. */
function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const options = { cwd: source, encoding: 'utf8', env: { ...process.env, ...env } } as const;
  const { status, stdout, stderr } = spawnSync(command, args, options);
  expect(status, `${stdout}${stderr}`).toBe(0);
  return stdout;
}

/** Makes the package, and returns its path. */
function makePackage(output: string, compression = 'none'): string {
  const args = ['.build/package.ts', '--output', output, '--compression', compression];
  return run(process.execPath, args, { SOURCE_DATE_EPOCH: '1764400000' }).trim();
}

function afterIntroduction(configuration: string): string {
  return configuration.slice(configuration.indexOf('# Only `migrations` is required.'));
}

describe.skipIf(isMissing)('the Debian package (skipped where dpkg-deb is missing)', () => {
  let folder = '';
  let file = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutover-watch-'));
    writeFileSync(join(folder, 'own'), '');
    file = makePackage(folder);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is all that is added to the folder where it is made, and nothing there is lost', () => {
    expect(file).toBe(join(folder, `cutover-watch_${version}_${architecture}.deb`));
    expect(readdirSync(folder)).toEqual([basename(file), 'own']);
    expect(guide).toContain(`cutover-watch_${version}_amd64.deb`);
  });

  it('has checksums of all files but the configuration, which people change', () => {
    const control = temporaryFolder();
    run('dpkg-deb', ['--control', file, control]);
    const sums = readFileSync(join(control, 'md5sums'), 'utf8');
    expect(sums).toMatch(/^[\da-f]{32} {2}usr\/lib\/cutover-watch\/node$/m);
    expect(sums).not.toContain(' etc/');
  });

  it('has the program, its Node.js, the service, the command, and what goes with them', () => {
    const lines = run('dpkg-deb', ['--contents', file]).trim().split('\n');
    const entries = lines.map((line) => line.split(/\s+/));
    expect(new Set(entries.map(([mode, owner]) => `${mode} ${owner}`))).toEqual(
      new Set(['drwxr-xr-x root/root', '-rw-r--r-- root/root', '-rwxr-xr-x root/root']),
    );
    const programs = entries.filter(([mode]) => mode === '-rwxr-xr-x').map((entry) => entry.at(-1));
    expect(programs).toEqual(['./usr/bin/cutover-watch', './usr/lib/cutover-watch/node']);
    const documents = [
      'README.md',
      'CHANGELOG.md',
      'config/README.md',
      'config/systemd/standby.conf',
      'changelog.gz',
    ];
    const licenses = [
      'copyright',
      'NODE-LICENSE.txt',
      'KOFFI-LICENSE.txt',
      'THIRD-PARTY-LICENSES.txt',
      'sbom.cdx.json',
    ];
    const wanted = [
      './etc/cutover-watch/cutover-watch.yaml',
      './usr/lib/systemd/system/cutover-watch.service',
      './usr/share/man/man1/cutover-watch.1.gz',
      './usr/share/bash-completion/completions/cutover-watch',
      './usr/share/zsh/vendor-completions/_cutover-watch',
      './usr/share/fish/vendor_completions.d/cutover-watch.fish',
      ...[...documents, ...licenses].map((name) => `./usr/share/doc/cutover-watch/${name}`),
    ];
    const paths = entries.map((entry) => entry.at(-1) ?? '');
    expect(paths).toEqual(expect.arrayContaining(wanted));
    const [, removal = ''] = /^rm -rf (\/(?:.+\\\n)*.*)$/m.exec(guide) ?? [];
    const removed = removal.split(/[\s\\]+/);
    for (const path of paths.filter((name) => !name.endsWith('/')))
      expect(
        removed.some((each) => path.slice(1).startsWith(each)),
        path,
      ).toBe(true);
  });

  it('depends on the C library that its programs need', () => {
    const extracted = temporaryFolder();
    run('dpkg-deb', ['--extract', file, extracted]);
    const lib = join(extracted, 'usr/lib/cutover-watch');
    const needed = run('grep', ['-rahoE', 'GLIBC_2\\.[0-9]+', '--include=node', '--include=*.node', lib]);
    const minors = needed.match(/\d+$/gm)?.map(Number) ?? [];
    expect(run('dpkg-deb', ['--field', file, 'Depends'])).toContain(`libc6 (>= 2.${Math.max(...minors)})`);
  });

  it('is the same each time', { timeout: 60_000 }, () => {
    expect(readFileSync(makePackage(temporaryFolder())).equals(readFileSync(file))).toBe(true);
  });

  it('has a configuration that is the example with another introduction, and lists Node.js in its SBOM', () => {
    const extracted = temporaryFolder();
    run('dpkg-deb', ['--extract', file, extracted]);
    const configuration = readFileSync(join(extracted, 'etc/cutover-watch/cutover-watch.yaml'), 'utf8');
    expect(configuration).toMatch(/^# Configuration of the service cutover-watch\. /);
    expect(afterIntroduction(configuration)).toBe(
      afterIntroduction(readFileSync(join(source, 'config/cutover-watch.example.yaml'), 'utf8')),
    );
    const sbom = JSON.parse(
      readFileSync(join(extracted, 'usr/share/doc/cutover-watch/sbom.cdx.json'), 'utf8'),
    );
    expect(sbom.components).toEqual(
      expect.arrayContaining(
        ['node', 'openssl', 'koffi', 'undici'].map((name) => expect.objectContaining({ name })),
      ),
    );
  });

  it.skipIf(cannotInstall)(
    'starts nothing, keeps what people have, restarts what runs, and leaves nothing after a purge (skipped without root)',
    { timeout: 60_000 },
    () => {
      const { root, dpkg, calls } = otherRoot();
      const inRoot = (name: string) => join(root, name);
      expect(dpkg('--install', file)).not.toContain('cutover-watch:');
      // Where systemd does not run, as in the making of an image.
      expect(calls()).toEqual([]);
      const node = inRoot('usr/lib/cutover-watch/node');
      expect(run(node, [inRoot('usr/lib/cutover-watch/main.js'), '--version'])).toBe(`${version}\n`);
      const koffi = inRoot('usr/lib/cutover-watch/node_modules/koffi/index.js');
      expect(run(node, ['--eval', `import('${koffi}').then(({ load }) => load(null))`])).toBe('');

      mkdirSync(inRoot('run/systemd/system'), { recursive: true });
      mkdirSync(inRoot('etc/systemd/system/multi-user.target.wants'), { recursive: true });
      mkdirSync(inRoot('etc/systemd/system/cutover-watch.service.d'));
      mkdirSync(inRoot('run/cutover-watch-credentials'));
      symlinkSync(
        '/usr/lib/systemd/system/cutover-watch.service',
        inRoot('etc/systemd/system/multi-user.target.wants/cutover-watch.service'),
      );
      for (const name of ['lib', 'cache']) {
        mkdirSync(inRoot(`var/${name}/private/cutover-watch`), { recursive: true });
        symlinkSync('private/cutover-watch', inRoot(`var/${name}/cutover-watch`));
      }
      const own = ['etc/cutover-watch/cutover-watch.yaml', 'etc/cutover-watch/atlas-private-key'];
      own.push(
        'var/lib/private/cutover-watch/state.db',
        'etc/systemd/system/cutover-watch.service.d/override.conf',
      );
      for (const name of own) writeFileSync(inRoot(name), 'own');
      const kept = () => own.map((name) => existsSync(inRoot(name)) && readFileSync(inRoot(name), 'utf8'));

      dpkg('--install', file);
      expect(calls()).toEqual([
        'systemctl --system daemon-reload',
        'deb-systemd-invoke try-restart cutover-watch.service',
      ]);
      expect(kept()).toEqual(own.map(() => 'own'));

      const unit = inRoot('etc/systemd/system/cutover-watch.service');
      const hidden = /cutover-watch: \/etc\/systemd\/system\/cutover-watch\.service is used in place of /;
      writeFileSync(unit, '');
      expect(dpkg('--install', file)).toMatch(hidden);
      expect(guide).toContain('**From an installation in /opt**');
      rmSync(unit);
      // The unit is masked.
      symlinkSync('/dev/null', unit);
      expect(dpkg('--install', file)).not.toMatch(hidden);
      rmSync(unit);
      calls();

      expect(dpkg('--remove', 'cutover-watch')).toMatch(/stay in .* A purge deletes them\.\n/);
      expect(calls()).toEqual([
        'deb-systemd-invoke stop cutover-watch.service',
        'systemctl --system daemon-reload',
      ]);
      expect(kept()).toEqual(own.map(() => 'own'));

      expect(dpkg('--purge', 'cutover-watch')).toMatch(/cutover-watch: deleted .*keys.*state/);
      const left = readdirSync(root, { recursive: true, encoding: 'utf8' });
      expect(left.filter((name) => name.includes('cutover-watch'))).toEqual([]);
    },
  );

  it.skipIf(cannotLint)(
    'has nothing that lintian complains about (skipped without lintian and LINTIAN=1: it takes 20 s)',
    { timeout: 180_000 },
    () => {
      expect(run('lintian', ['--allow-root', makePackage(temporaryFolder(), 'gzip')])).toBe('');
    },
  );
});

/** An empty root folder to install packages in, with a systemd that notes what it is asked to do. */
function otherRoot() {
  const folder = temporaryFolder();
  const root = join(folder, 'root');
  const log = join(folder, 'calls');
  const tools = join(folder, 'tools');
  for (const name of ['info', 'updates', 'triggers'])
    mkdirSync(join(root, 'var/lib/dpkg', name), { recursive: true });
  writeFileSync(join(root, 'var/lib/dpkg/status'), '');
  mkdirSync(tools);
  for (const name of ['systemctl', 'deb-systemd-invoke']) {
    writeFileSync(join(tools, name), `#!/bin/sh\necho "${name} $*" >> ${log}\n`);
    chmodSync(join(tools, name), 0o755);
  }
  const options = [`--root=${root}`, '--force-script-chrootless', '--force-depends', '--force-unsafe-io'];
  const path = `${tools}:${process.env.PATH}:/usr/sbin:/sbin`;
  return {
    root,
    dpkg: (...args: readonly string[]) => run('dpkg', [...options, ...args], { PATH: path, LC_ALL: 'C' }),
    /** Returns what systemd was asked to do since the last call. */
    calls: () => {
      const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
      writeFileSync(log, '');
      return lines.filter(Boolean);
    },
  };
}
