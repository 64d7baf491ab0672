import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputBundle } from 'rolldown';

/** What package.json of a package says. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly license?: string;
  /** The old way of saying it. */
  readonly licenses?: readonly { readonly type: string }[];
  readonly author?: string | { readonly name: string };
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Returns the folders of all installed packages that have code in a bundle. */
export function packagesOf(bundle: OutputBundle): string[] {
  const modules = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  return [...new Set(modules.flatMap((id) => packageFolder(id) ?? []))].toSorted();
}

/** Returns the folder of the installed package that a module is of; undefined for one of our own. */
function packageFolder(module: string): string | undefined {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module)?.[0];
}

/** Returns the licenses of packages as one text. */
export function licensesOf(folders: readonly string[]): string {
  return folders.map(licenseOf).join(`\n${'-'.repeat(80)}\n\n`);
}

/** A package without a license file says in its description which one it has. */
function licenseOf(folder: string): string {
  const { name, version, license, author } = readPackage(folder);
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)/i.test(file));
  if (files.length === 0 && license === undefined) throw new Error(`${name} has no license`);
  const texts =
    files.length === 0
      ? [`License: ${license}. Author: ${typeof author === 'string' ? author : author?.name}.`]
      : files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return `${[`${name} ${version}`, ...texts].join('\n\n')}\n`;
}

/** Reads package.json of a folder. */
export function readPackage(folder: string): Package {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
