// Turns the SBOM of the bundle into that of an install with a Node.js of its own: `node .build/sbom-of-install.ts FILE
// [PURL...]` adds to FILE this Node.js, the libraries in it, and the packages named. An optional package stays if named.

import { readFileSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { type Component, npmPackage, type Sbom, serialize, withDependencies } from './sbom.ts';

/** Libraries in Node.js by their key in process.versions, with the vendor and product by which CVE entries name them. */
const librariesOfNode: Readonly<Record<string, { name: string; cpe?: string }>> = {
  ada: { name: 'ada' },
  ares: { name: 'c-ares', cpe: 'c-ares:c-ares' },
  brotli: { name: 'brotli', cpe: 'google:brotli' },
  icu: { name: 'icu', cpe: 'icu-project:international_components_for_unicode' },
  llhttp: { name: 'llhttp', cpe: 'llhttp:llhttp' },
  nghttp2: { name: 'nghttp2', cpe: 'nghttp2:nghttp2' },
  nghttp3: { name: 'nghttp3' },
  ngtcp2: { name: 'ngtcp2' },
  openssl: { name: 'openssl', cpe: 'openssl:openssl' },
  simdjson: { name: 'simdjson' },
  simdutf: { name: 'simdutf' },
  sqlite: { name: 'sqlite', cpe: 'sqlite:sqlite' },
  uv: { name: 'libuv', cpe: 'libuv:libuv' },
  uvwasi: { name: 'uvwasi' },
  v8: { name: 'v8', cpe: 'google:v8' },
  zlib: { name: 'zlib', cpe: 'zlib:zlib' },
  zstd: { name: 'zstd', cpe: 'facebook:zstandard' },
};

/** Packages of npm in Node.js. */
const packagesOfNode = ['acorn', 'amaro', 'undici'];

if (import.meta.main) {
  const [, , file, ...purls] = argv;
  if (file === undefined) throw new Error('Name the file of the SBOM.');
  const sbom: Sbom = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, serialize(sbomOfInstall(sbom, process.versions, purls)));
}

/** Returns the SBOM of an install. `versions` are those of Node.js; `purls` name packages beside the bundle. */
export function sbomOfInstall(
  sbom: Sbom,
  versions: Readonly<Record<string, string | undefined>>,
  purls: readonly string[],
): Sbom {
  const { component: program } = sbom.metadata;
  const named = purls.map(namedComponent);
  const isNamed = ({ purl }: Component): boolean => named.some((component) => component.purl === purl);
  const fromBundle = sbom.components
    .filter((component) => component.scope === undefined || isNamed(component))
    .map((component) => Object.assign({}, component, { scope: undefined }));
  const beside = named.filter(({ purl }) => !fromBundle.some((component) => component.purl === purl));
  const added = [...nodeWithLibraries(versions), ...beside, ...systemsOf(purls)];
  return { ...sbom, ...withDependencies(program, [...fromBundle, ...added]) };
}

function nodeWithLibraries(versions: Readonly<Record<string, string | undefined>>): Component[] {
  const { node = '' } = versions;
  const libraries = Object.entries(librariesOfNode).flatMap(([key, { name, cpe }]) =>
    versions[key] ? [generic('library', name, versions[key], cpe)] : [],
  );
  const packages = packagesOfNode.flatMap((name): Component[] => {
    const version = versions[name];
    if (!version) return [];
    // The bundle may hold the same.
    return [{ type: 'library', ...npmPackage(name, version), 'bom-ref': `node/${name}@${version}` }];
  });
  return [
    { ...generic('application', 'node', node, 'nodejs:node.js'), licenses: [{ license: { id: 'MIT' } }] },
    ...libraries,
    ...packages,
  ];
}

function generic(type: Component['type'], name: string, version: string, cpe?: string): Component {
  const purl = `pkg:generic/${name}@${version}`;
  // What Node.js adds to a version is in no CVE entry.
  const [plain = version] = /^[\d.]+/.exec(version) ?? [];
  const names = { type, 'bom-ref': purl, name, version, purl };
  return cpe === undefined ? names : { ...names, cpe: `cpe:2.3:a:${cpe}:${plain}:*:*:*:*:*:*:*` };
}

/** The characters of Debian's versions that a purl escapes are escaped here. */
function namedComponent(given: string): Component {
  const [, path, version, qualifiers = ''] = /^pkg:([^@?]+)@([^?]+)(\?.*)?$/.exec(given) ?? [];
  if (path === undefined || version === undefined)
    throw new Error(`This is no purl with a version: ${given}`);
  const plain = decodeURIComponent(version);
  const escaped = plain.replaceAll(/[^\w.~:-]/g, encodeURIComponent);
  const purl = `pkg:${path}@${escaped}${qualifiers}`;
  const name = decodeURIComponent(path.slice(path.startsWith('npm/') ? 4 : path.lastIndexOf('/') + 1));
  return { type: 'library', 'bom-ref': purl, name, version: plain, purl };
}

/** Scanners look for the faults of a system's packages where they know the system. */
function systemsOf(purls: readonly string[]): Component[] {
  const systems = new Set(purls.flatMap((purl) => /[?&]distro=([^&]+)/.exec(purl)?.[1] ?? []));
  return [...systems].map((system) => {
    const [name = system, version = ''] = system.split('-');
    return { type: 'operating-system', 'bom-ref': `system/${system}`, name, version };
  });
}
