import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Component, type Sbom, withDependencies } from '../.build/sbom.ts';
import { sbomOfInstall } from '../.build/sbom-of-install.ts';

const root = new URL('../', import.meta.url).pathname;
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const sbom: Sbom = JSON.parse(read('dist/sbom.cdx.json'));
const { version, optionalDependencies }: { version: string; optionalDependencies: Record<string, string> } =
  JSON.parse(read('package.json'));

/** The packages whose licenses are in a file, as name and version. */
function licensedIn(path: string): string[] {
  const parts = read(path).split(`\n${'-'.repeat(80)}\n\n`);
  return parts.map((part) => part.slice(0, part.indexOf('\n')));
}

const nameOf = (component: Component): string => `${component.name} ${component.version}`;

test('the SBOM has each package whose license is beside a bundle, the optional one, and no other', () => {
  const licensed = ['dist/THIRD-PARTY-LICENSES.txt', 'dist/page/THIRD-PARTY-LICENSES.txt'].flatMap(
    licensedIn,
  );
  const optional = Object.entries(optionalDependencies).map(([name, pinned]) => `${name} ${pinned}`);
  expect(licensed).toEqual(expect.arrayContaining([expect.stringMatching(/^preact /)]));
  expect(sbom.components.map(nameOf).toSorted()).toEqual([...new Set(licensed), ...optional].toSorted());
  expect(sbom.components.filter(({ scope }) => scope === 'optional').map(nameOf)).toEqual(optional);
});

test('the SBOM is CycloneDX 1.6 of this version: each package with purl, license and hash', () => {
  expect(sbom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 });
  expect(sbom.metadata.component.purl).toBe(`pkg:npm/cutover-watch@${version}`);
  for (const component of sbom.components)
    expect(component).toMatchObject({
      type: 'library',
      purl: `pkg:npm/${component.name.replace('@', '%40')}@${component.version}`,
      hashes: [{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }],
      licenses: [{ license: { id: expect.stringMatching(/^[\w.-]+$/) } }],
    });
  const refs = sbom.components.map((component) => component['bom-ref']);
  expect(new Set(refs).size).toBe(refs.length);
  expect(sbom.dependencies[0]).toEqual({ ref: sbom.metadata.component['bom-ref'], dependsOn: refs });
});

test('the SBOM of a build is the same each time: in one order, without a time and a number drawn', () => {
  const { component } = sbom.metadata;
  expect(withDependencies(component, sbom.components.toReversed()).components).toEqual(sbom.components);
  expect(Object.keys(sbom.metadata)).toEqual(['component']);
  expect(sbom).not.toHaveProperty('serialNumber');
});

test('the SBOM of an install adds its Node.js, the libraries in it, and the packages of the system', () => {
  const versions = {
    node: '24.21.0',
    openssl: '3.5.8',
    zlib: '1.3.2.1-motley-8002e91',
    nghttp3: '',
    undici: '7.29.1',
  };
  const libc = 'pkg:deb/debian/libc6@2.36-9+deb12u10?arch=amd64&distro=debian-12';
  const { components, dependencies } = sbomOfInstall(sbom, versions, [libc]);
  const packages = new Set(sbom.components.map((component) => component['bom-ref']));
  const added = components.filter((component) => !packages.has(component['bom-ref']));
  expect(added.map(({ type, name, version: its, purl, cpe }) => [type, name, its, purl, cpe])).toEqual([
    ['library', 'undici', '7.29.1', 'pkg:npm/undici@7.29.1', undefined],
    [
      'library',
      'libc6',
      '2.36-9+deb12u10',
      'pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?arch=amd64&distro=debian-12',
      undefined,
    ],
    [
      'application',
      'node',
      '24.21.0',
      'pkg:generic/node@24.21.0',
      'cpe:2.3:a:nodejs:node.js:24.21.0:*:*:*:*:*:*:*',
    ],
    [
      'library',
      'openssl',
      '3.5.8',
      'pkg:generic/openssl@3.5.8',
      'cpe:2.3:a:openssl:openssl:3.5.8:*:*:*:*:*:*:*',
    ],
    [
      'library',
      'zlib',
      '1.3.2.1-motley-8002e91',
      'pkg:generic/zlib@1.3.2.1-motley-8002e91',
      'cpe:2.3:a:zlib:zlib:1.3.2.1:*:*:*:*:*:*:*',
    ],
    ['operating-system', 'debian', '12', undefined, undefined],
  ]);
  expect(dependencies[0]?.dependsOn).toEqual(components.map((component) => component['bom-ref']));
});

test('the SBOM of an install has an optional package where that is named, then like each other, and nowhere else', () => {
  const koffi = sbom.components.find(({ scope }) => scope === 'optional');
  const withoutIt = sbomOfInstall(sbom, process.versions, []).components;
  expect(withoutIt.filter(({ name }) => name === koffi?.name)).toEqual([]);
  const withIt = sbomOfInstall(sbom, process.versions, [koffi?.purl ?? '']).components;
  expect(withIt.filter(({ name }) => name === koffi?.name)).toEqual([{ ...koffi, scope: undefined }]);
});

test.each(['libc6', 'pkg:deb/debian/libc6', ''])('a package that is named "%s" is refused', (purl) => {
  expect(() => sbomOfInstall(sbom, process.versions, [purl])).toThrow('This is no purl with a version');
});
