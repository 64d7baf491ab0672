import { rmSync, writeFileSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type ListenAddress, parseListenAddress } from '../config/listen-address.ts';

const noteOf = (statePath: string): string => `${statePath}.address`;

/** Who listens, and where, as it stands beside the state file of the daemon. */
interface Note {
  /** The configuration that it was started with, by which others know whether it is the one they mean. */
  readonly config: string;
  readonly httpAddress: string;
  /** What this run answers there, as another one may listen there by the time that somebody asks. */
  readonly instance: string;
}

/**
 * Leaves word where this daemon can be asked, or takes it away where it cannot, as its file may say something else by
 * the time that somebody wants to know. Where that fails, people find what the file says.
 */
export function writeAddressFile(
  statePath: string,
  configFile: string,
  whereabouts: Omit<Note, 'config'> | undefined,
): void {
  if (statePath === ':memory:') return;
  try {
    if (whereabouts === undefined) rmSync(noteOf(statePath), { force: true });
    else {
      const note: Note = { config: resolve(configFile), ...whereabouts };
      writeFileSync(noteOf(statePath), JSON.stringify(note));
    }
  } catch {
    // Such as a full disk, which is no reason not to watch.
  }
}

/** Returns where the daemon with this configuration said that it can be asked, and what it answers there; undefined where it did not. */
export async function readAddressFile(
  statePath: string,
  configFile: string,
): Promise<{ readonly address: ListenAddress; readonly instance: string | undefined } | undefined> {
  try {
    const path = await realpath(statePath);
    const note = JSON.parse(await readFile(noteOf(path), 'utf8')) as Partial<Note>;
    if (note.config !== resolve(configFile) || note.httpAddress === undefined) return undefined;
    const address = parseListenAddress(note.httpAddress.replace('http://', ''));
    return address && { address, instance: note.instance };
  } catch {
    return undefined;
  }
}
