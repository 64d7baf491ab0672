import { rmSync, writeFileSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type ListenAddress, parseListenAddress } from '../config/listen-address.ts';

const pathFor = (statePath: string): string => `${statePath}.address`;

interface AddressFile {
  /** Absolute path of the configuration of the daemon. */
  readonly config: string;
  readonly httpAddress: string;
}

/**
 * Writes the address of the running daemon beside its state file. `healthcheck` finds it there even after the
 * configuration has changed. Removes the file if there is no address. Failures are ignored: readers then use
 * `http.listen`.
 */
export function writeAddressFile(
  statePath: string,
  configFile: string,
  httpAddress: string | undefined,
): void {
  if (statePath === ':memory:') return;
  try {
    if (httpAddress === undefined) rmSync(pathFor(statePath), { force: true });
    else {
      const content: AddressFile = { config: resolve(configFile), httpAddress };
      writeFileSync(pathFor(statePath), JSON.stringify(content));
    }
  } catch {
    // The daemon must also watch when the disk is full.
  }
}

/** Returns the address of the daemon that runs with this configuration; undefined if no address is written. */
export async function readAddressFile(
  statePath: string,
  configFile: string,
): Promise<ListenAddress | undefined> {
  try {
    const path = await realpath(statePath);
    const content = JSON.parse(await readFile(pathFor(path), 'utf8')) as Partial<AddressFile>;
    if (content.config !== resolve(configFile)) return undefined;
    return parseListenAddress(content.httpAddress?.replace('http://', '') ?? '');
  } catch {
    return undefined;
  }
}
