import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
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
      replaceFile(pathFor(statePath), JSON.stringify(content));
    }
  } catch {
    // The daemon must also watch when the disk is full.
  }
}

/**
 * Puts a new file in the place of whatever is there. Others may share the folder: their link would lead to another file,
 * and their pipe would block.
 */
function replaceFile(path: string, text: string): void {
  const beside = `${path}.${crypto.randomUUID()}`;
  try {
    writeFileSync(beside, text, { flag: 'wx' });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/** An address and the path of a configuration are shorter. */
const maxBytes = 8 * 1024;

/** Returns the text of a short file; undefined for anything else, such as a link or a pipe. */
function readShortFile(path: string): string | undefined {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const stats = fstatSync(file);
    return stats.isFile() && stats.size <= maxBytes ? readFileSync(file, 'utf8') : undefined;
  } finally {
    closeSync(file);
  }
}

/**
 * Returns the address of the daemon that runs with this configuration; undefined if no address is written, or if there is
 * no state file.
 */
export function readAddressFile(
  statePath: string | undefined,
  configFile: string,
): ListenAddress | undefined {
  if (statePath === undefined) return undefined;
  try {
    const path = realpathSync(statePath);
    const content = JSON.parse(readShortFile(pathFor(path)) ?? '{}') as Readonly<Record<string, unknown>>;
    const { config, httpAddress } = content;
    if (config !== resolve(configFile) || typeof httpAddress !== 'string') return undefined;
    return parseListenAddress(httpAddress.replace('http://', ''));
  } catch {
    return undefined;
  }
}
