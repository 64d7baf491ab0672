// Makes the Debian package of the program that `npm run build` has left in dist: with the Node.js that npm installed, so
// that it runs where there is none. It is not a single executable: see "Size and start" in config/systemd/README.md.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { npmPackage, serialize } from './sbom.ts';
import { sbomOfInstall } from './sbom-of-install.ts';

const { values: options } = parseArgs({
  options: {
    output: { type: 'string', default: '.package' },
    compression: { type: 'string', default: 'xz' },
  },
});
const source = new URL('../', import.meta.url).pathname;
const description = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
// To Debian, 1.0-rc.1 would be later than 1.0.
const version = description.version.replace('-', '~');
const architecture = debianName(process.arch);
const seconds = Number(process.env.SOURCE_DATE_EPOCH || lastCommit('%ct') || Math.floor(Date.now() / 1000));
const maintainer = maintainerOf();
const lib = 'usr/lib/cutover-watch';
const doc = 'usr/share/doc/cutover-watch';
const conffile = 'etc/cutover-watch/cutover-watch.yaml';
const licenses = ['THIRD-PARTY-LICENSES.txt', 'page/THIRD-PARTY-LICENSES.txt'];

const problem = problemOf();
// In the folder of the package, nothing else is replaced or removed.
const root = problem === undefined ? newFolderIn(options.output) : '';
if (problem === undefined) {
  try {
    process.stdout.write(`${makePackage()}\n`);
  } finally {
    rmSync(root, { recursive: true });
  }
} else {
  process.stderr.write(`cutover-watch: ${problem}\n`);
  process.exitCode = 1;
}

function newFolderIn(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return mkdtempSync(join(folder, 'root-'));
}

/** Makes the package, and returns its path. */
function makePackage(): string {
  writeProgram();
  writeCommand();
  writeDocumentation();
  writeControl();
  settle();
  const file = join(options.output, `cutover-watch_${version}_${architecture}.deb`);
  run('dpkg-deb', ['--root-owner-group', `-Z${options.compression}`, '--build', root, file], {
    SOURCE_DATE_EPOCH: String(seconds),
  });
  return file;
}

/** Returns what is missing and what to do. */
function problemOf(): string | undefined {
  if (spawnSync('dpkg-deb', ['--version']).status !== 0)
    return 'dpkg-deb is missing, which makes the package; install it with apt-get install dpkg, or with dnf install dpkg.';
  if (!existsSync(join(source, koffiBinary())))
    return 'the optional package koffi is missing, without which the service cannot talk to systemd; install it with npm ci --include=optional.';
  if (!existsSync(join(source, 'dist/main.js')))
    return 'there is no program in dist yet; npm run build makes it.';
  return undefined;
}

/** Writes the program, its Node.js, and the one package that is native code, with its files for this platform alone. */
function writeProgram(): void {
  copy('dist', lib);
  // They are in the documentation.
  for (const name of ['sbom.cdx.json', ...licenses]) rmSync(join(root, lib, name));
  // The unit and the command start it with the Node.js beside it.
  write(`${lib}/main.js`, read('dist/main.js').replace(/^#!.*\n/, ''));
  copy('node_modules/node/bin/node', `${lib}/node`);
  for (const name of readdirSync(join(source, 'node_modules/koffi'), { recursive: true, encoding: 'utf8' }))
    if (/^(?:package\.json|index\.c?js|src\/koffi\/(?:index|src\/static)\.c?js)$/.test(name))
      copy(`node_modules/koffi/${name}`, `${lib}/node_modules/koffi/${name}`);
  const native = dirname(dirname(koffiBinary()));
  for (const name of ['package.json', 'index.js']) copy(join(native, name), join(lib, native, name));
  copy(koffiBinary(), join(lib, koffiBinary()));
  // Where there is no strip, 17 MB of symbols stay.
  for (const name of [`${lib}/node`, join(lib, koffiBinary())])
    spawnSync('strip', [
      '--strip-unneeded',
      '--remove-section=.comment',
      '--remove-section=.note',
      join(root, name),
    ]);
}

/** Writes what makes the program a command and a service. */
function writeCommand(): void {
  copy('config/systemd/cutover-watch', 'usr/bin/cutover-watch');
  copy('config/systemd/cutover-watch.service', 'usr/lib/systemd/system/cutover-watch.service');
  write(conffile, configuration());
  write('usr/share/man/man1/cutover-watch.1.gz', zipped(read('config/cutover-watch.1')));
  const completions = {
    bash: 'usr/share/bash-completion/completions/cutover-watch',
    zsh: 'usr/share/zsh/vendor-completions/_cutover-watch',
    fish: 'usr/share/fish/vendor_completions.d/cutover-watch.fish',
  };
  for (const [shell, path] of Object.entries(completions))
    write(path, run(process.execPath, [join(source, 'dist/main.js'), 'completion', shell]));
}

/** Returns the example with an introduction that speaks of the place where it is now. */
function configuration(): string {
  const introduction = `# Configuration of the service cutover-watch. Enter your ids under \`migrations\`, or let \`cutover-watch init\` write this
# file. The key goes into atlas-public-key and atlas-private-key in this folder. \`cutover-watch check\` tries both.
#
`;
  const example = read('config/cutover-watch.example.yaml');
  const written = example.replace(
    /^# yaml-language-server.*\n#\n# Configuration of [\s\S]*?\n#\n/,
    introduction,
  );
  if (written === example) throw new Error('the example has another introduction');
  return written;
}

/** Writes the pages at the places to which they link each other, and all licenses. */
function writeDocumentation(): void {
  for (const name of ['README.md', ...description.files]) if (name !== 'dist') copy(name, `${doc}/${name}`);
  copy('.build/debian/copyright', `${doc}/copyright`);
  write(
    `${doc}/THIRD-PARTY-LICENSES.txt`,
    licenses.map((name) => read(join('dist', name))).join(`\n${'-'.repeat(80)}\n\n`),
  );
  copy('node_modules/koffi/LICENSE.txt', `${doc}/KOFFI-LICENSE.txt`);
  copy(nodeLicense(), `${doc}/NODE-LICENSE.txt`);
  const beside = ['koffi', `@koromix/${basename(dirname(dirname(koffiBinary())))}`].map(purlOf);
  const sbom = sbomOfInstall(JSON.parse(read('dist/sbom.cdx.json')), process.versions, beside);
  write(`${doc}/sbom.cdx.json`, serialize(sbom));
  const entry = `cutover-watch (${version}) unstable; urgency=medium

  * Version ${version}. CHANGELOG.md in this folder says what changed.

 -- ${maintainer}  ${new Date(seconds * 1000).toUTCString().replace('GMT', '+0000')}
`;
  write(`${doc}/changelog.gz`, zipped(entry));
  copy('.build/debian/lintian-overrides', 'usr/share/lintian/overrides/cutover-watch');
}

function writeControl(): void {
  for (const name of ['postinst', 'prerm', 'postrm']) copy(`.build/debian/${name}`, `DEBIAN/${name}`);
  const files = installedFiles();
  const kilobytes = files.map((name) => Math.ceil(lstatSync(join(root, name)).size / 1024));
  // People change the configuration.
  const unchanged = files.filter((name) => name !== conffile);
  const sums = unchanged.map(
    (name) =>
      `${createHash('md5')
        .update(readFileSync(join(root, name)))
        .digest('hex')}  ${name}\n`,
  );
  write('DEBIAN/conffiles', `/${conffile}\n`);
  write('DEBIAN/md5sums', sums.join(''));
  write(
    'DEBIAN/control',
    `Package: cutover-watch
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${kilobytes.reduce((sum, size) => sum + size, 0)}
Depends: libc6 (>= 2.28), libgcc-s1 (>= 3.4), libstdc++6 (>= 6)
Section: admin
Priority: optional
Description: watcher of MongoDB Atlas push live migrations
 cutover-watch polls push live migrations of MongoDB Atlas and writes one
 structured log line the moment something changes: above all, when a migration
 is ready for cutover, and how much of its window is left.
 .
 It has a status page, metrics, notifications, and commands for scripts. It
 brings its own Node.js. The service is neither enabled nor started by itself.
`,
  );
}

/** Gives everything the mode and the time that it has in every build. */
function settle(): void {
  const executable = new Set([
    'usr/bin/cutover-watch',
    `${lib}/node`,
    'DEBIAN/postinst',
    'DEBIAN/prerm',
    'DEBIAN/postrm',
  ]);
  for (const name of ['', ...readdirSync(root, { recursive: true, encoding: 'utf8' })]) {
    const path = join(root, name);
    chmodSync(path, lstatSync(path).isDirectory() || executable.has(name) ? 0o755 : 0o644);
    utimesSync(path, seconds, seconds);
  }
}

/** Returns the name that Debian has for an architecture of Node.js. */
function debianName(name: string): string {
  const names: Readonly<Record<string, string>> = {
    x64: 'amd64',
    arm: 'armhf',
    ia32: 'i386',
    ppc64: 'ppc64el',
  };
  return names[name] ?? name;
}

function koffiBinary(): string {
  const platform = `linux_${process.arch}`;
  return join('node_modules/@koromix', `koffi-${platform.replace('_', '-')}`, platform, 'koffi.node');
}

function purlOf(name: string): string {
  const { version: installed } = JSON.parse(read(`node_modules/${name}/package.json`));
  return npmPackage(name, installed).purl;
}

function nodeLicense(): string {
  const { resolve } = createRequire(join(source, 'node_modules/node/package.json'));
  const folder = dirname(resolve(`node-linux-${process.arch}/package.json`));
  return relative(source, join(folder, 'LICENSE'));
}

/** Returns who makes the package: as Debian's tools are told, else as git is. */
function maintainerOf(): string {
  const { DEBFULLNAME: name, DEBEMAIL: address } = process.env;
  return name && address
    ? `${name} <${address}>`
    : lastCommit('%an <%ae>') || 'cutover-watch <root@localhost>';
}

function lastCommit(format: string): string {
  const { status, stdout } = spawnSync('git', ['log', '-1', `--format=${format}`], {
    cwd: source,
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : '';
}

/** Returns the paths of all files to install, in order. */
function installedFiles(): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('DEBIAN/') && lstatSync(join(root, name)).isFile())
    .toSorted();
}

/** Returns a text as gzip makes it, without a date. */
function zipped(text: string): Uint8Array {
  return gzipSync(text, { level: 9 });
}

function read(name: string): string {
  return readFileSync(join(source, name), 'utf8');
}

function copy(from: string, to: string): void {
  const target = join(root, to);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(source, from), target, { recursive: true, dereference: true });
}

function write(name: string, content: string | Uint8Array): void {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** Runs a command and returns what it printed; throws with what it said when it fails. */
function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  return stdout;
}
