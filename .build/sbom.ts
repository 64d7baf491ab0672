import { readFileSync } from 'node:fs';
import { type Package, readPackage } from './bundled-packages.ts';

/** A software bill of materials: the parts of CycloneDX 1.6 that we use. */
export interface Sbom {
  readonly $schema: string;
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly version: 1;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** A program or library. */
export interface Component {
  readonly type: 'application' | 'library' | 'operating-system';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly scope?: 'optional' | undefined;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly { readonly license: { readonly id: string } }[];
  readonly cpe?: string;
  readonly purl?: string;
}

/** The same for the same packages: neither a time nor a number that is drawn. */
export function sbomOf(folders: readonly string[]): Sbom {
  const self = readPackage('.');
  const optional = Object.entries(self.optionalDependencies ?? {}).map(
    ([name, version]): Component => ({
      ...componentOf({ ...locked(`node_modules/${name}`), name, version }, `node_modules/${name}`),
      scope: 'optional',
    }),
  );
  const bundled = folders.map((folder) =>
    componentOf(readPackage(folder), folder.slice(folder.indexOf('node_modules/'))),
  );
  const { name, version, description = '' } = self;
  const component: Component = {
    type: 'application',
    ...npmPackage(name, version),
    description,
    licenses: licensesOf(self),
  };
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component },
    ...withDependencies(component, [...bundled, ...optional]),
  };
}

/** Returns components in their order, and that the program holds each of them. */
export function withDependencies(
  program: Component,
  components: readonly Component[],
): Pick<Sbom, 'components' | 'dependencies'> {
  const ordered = components.toSorted((one, other) => (one['bom-ref'] < other['bom-ref'] ? -1 : 1));
  return {
    components: ordered,
    dependencies: [
      { ref: program['bom-ref'], dependsOn: ordered.map((component) => component['bom-ref']) },
      ...ordered.map((component) => ({ ref: component['bom-ref'], dependsOn: [] })),
    ],
  };
}

/** Returns the file of an SBOM. */
export function serialize(sbom: Sbom): string {
  return `${JSON.stringify(sbom, undefined, 2)}\n`;
}

/** Returns the names that a package of npm has in an SBOM. */
export function npmPackage(
  name: string,
  version: string,
): Pick<Component, 'bom-ref' | 'name' | 'version' | 'purl'> {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { 'bom-ref': purl, name, version, purl };
}

/** `path` is that of the package in package-lock.json. */
function componentOf(installed: Package, path: string): Component {
  const { integrity } = locked(path);
  return {
    type: 'library',
    ...npmPackage(installed.name, installed.version),
    // Of the archive that npm unpacks.
    ...(integrity === undefined ? undefined : { hashes: [hashOf(integrity)] }),
    licenses: licensesOf(installed),
  };
}

/** From the form of npm ("sha512-<base64>") to that of CycloneDX. */
function hashOf(integrity: string): { alg: string; content: string } {
  const [algorithm = '', digest = ''] = integrity.split('-');
  return {
    alg: algorithm.toUpperCase().replace('SHA', 'SHA-'),
    content: Buffer.from(digest, 'base64').toString('hex'),
  };
}

function licensesOf({ name, license, licenses = [] }: Package): { license: { id: string } }[] {
  const ids = license === undefined ? licenses.map(({ type }) => type) : [license];
  if (ids.length === 0 || ids.some((id) => !/^[\w.-]+$/.test(id)))
    throw new Error(`${name} has a license that the SBOM has no words for: ${ids.join(', ')}`);
  return ids.map((id) => ({ license: { id } }));
}

interface Locked {
  readonly integrity?: string;
  readonly license?: string;
}

function locked(path: string): Locked {
  const { packages }: { packages: Readonly<Record<string, Locked>> } = JSON.parse(
    readFileSync('package-lock.json', 'utf8'),
  );
  return packages[path] ?? {};
}
