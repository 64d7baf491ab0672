import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { glob, open, opendir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type IncludedFile, type IncludedFiles, IncludeFault } from '../config/included.ts';
import { thisUser } from '../config/this-user.ts';
import { UnreadableFile } from '../config/unreadable-file.ts';
import { type FileReader, type Patience, patience, files as processFiles } from './read-file.ts';

/** More are a mistake in a pattern. */
const maxFiles = 20_000;
const filesAtOnce = 100;
/** As for any file of the configuration. */
const maxBytes = 16 * 1024 * 1024;
/** Clocks of file systems are this coarse: a file that changed so shortly before it was read may have changed since. */
const coarsestMs = 2_000;
/** How often to read again where files change meanwhile, and how long to wait before. */
const tries = 4;
const againAfterMs = 50;

const notRegular = 'not regular';
const notRegularFault = 'this is a pipe or a device, and only regular files are included. Name other files.';

/** What is known of a file since it was last read. */
interface Known {
  readonly signature: string;
  /** Whether the signature shows every later change. */
  readonly isSettled: boolean;
  readonly file: IncludedFile;
  readonly hash: string;
}

interface Look extends IncludedFiles {
  readonly fingerprint: string;
}

/**
 * The files that the configuration includes. Only what changed is read again: identity, size and times show that, also
 * where folders are swapped by symbolic links.
 */
export class IncludeReader {
  readonly #main: string;
  readonly #reader: FileReader;
  readonly #known = new Map<string, Known>();
  #patterns: readonly string[] = [];
  #loaded = fingerprintOf([], []);

  /** `main` is the file with the `include`, which never includes itself. */
  constructor(main: string, reader: FileReader = processFiles) {
    this.#main = resolve(main);
    this.#reader = reader;
  }

  /** Returns the content that the latest `read` found, in a few characters. */
  get loaded(): string {
    return this.#loaded;
  }

  /** Finds and reads files. Rejects with an IncludeFault. */
  async read(patterns: readonly string[], wait: Patience = patience.running): Promise<IncludedFiles> {
    this.#patterns = patterns;
    const look = await this.#look(wait);
    this.#loaded = look.fingerprint;
    return look;
  }

  /** Returns the content of the files now, for the patterns of the latest `read`. */
  async fingerprint(): Promise<string> {
    try {
      return (await this.#look(patience.running)).fingerprint;
    } catch (error) {
      if (error instanceof IncludeFault) return error.message;
      throw error;
    }
  }

  /** Looks until nothing changes meanwhile, so that files that are swapped together are read together. */
  async #look(wait: Patience): Promise<Look> {
    if (this.#patterns.length === 0) {
      this.#known.clear();
      return { files: [], unmatched: [], fingerprint: fingerprintOf([], []) };
    }
    for (let left = tries; ; left -= 1) {
      const before = await this.#signatures(wait);
      const hasRead = await this.#readChanged(before.signatures, wait);
      const after = hasRead ? await this.#signatures(wait) : before;
      const isSame = sameEntries(before.signatures, after.signatures);
      if ((isSame && !hasVanished(before.signatures)) || left <= 1) return this.#result(before);
      await delay(againAfterMs);
    }
  }

  #result({ signatures, unmatched }: Found): Look {
    const known = [...signatures.keys()]
      .map((path) => this.#known.get(path))
      .filter((one) => one !== undefined);
    const entries = known.map(({ file, hash }) => `${file.path}\0${hash}`);
    return {
      files: known.map(({ file }) => file),
      unmatched,
      fingerprint: fingerprintOf(entries, unmatched),
    };
  }

  /** Returns the signature of each file, in order. */
  async #signatures({ fileMs }: Patience): Promise<Found> {
    const paths = new Set<string>();
    const unmatched: string[] = [];
    for (const pattern of this.#patterns) {
      const found = await this.#find(pattern, fileMs);
      const others = found.filter((path) => resolve(path) !== this.#main);
      if (others.length === 0) unmatched.push(pattern);
      for (const path of others) paths.add(path);
    }
    if (paths.size > maxFiles)
      throw new IncludeFault(`finds more than ${maxFiles} files. Are these the right patterns?`);
    const all = [...paths];
    const signatures = new Map<string, string>();
    for (let index = 0; index < all.length; index += filesAtOnce) {
      const some = all.slice(index, index + filesAtOnce);
      const found = await this.#inTurn(() => Promise.all(some.map(signatureOf)), fileMs);
      for (const [position, path] of some.entries()) signatures.set(path, found[position] ?? '');
    }
    for (const path of this.#known.keys()) if (!paths.has(path)) this.#known.delete(path);
    return { signatures, unmatched };
  }

  /** Returns whether something was read that is new. */
  async #readChanged(signatures: ReadonlyMap<string, string>, { fileMs }: Patience): Promise<boolean> {
    const changed = [...signatures].filter(([path, signature]) => {
      const known = this.#known.get(path);
      return known?.signature !== signature || !known.isSettled;
    });
    let hasRead = false;
    for (let index = 0; index < changed.length; index += filesAtOnce) {
      const some = changed.slice(index, index + filesAtOnce);
      const read = () => Promise.all(some.map(([path, signature]) => readOne(path, signature)));
      for (const known of await this.#inTurn(read, fileMs)) {
        const { path } = known.file;
        hasRead ||= this.#known.get(path)?.hash !== known.hash;
        this.#known.set(path, known);
      }
    }
    return hasRead;
  }

  async #find(pattern: string, fileMs: number): Promise<readonly string[]> {
    const found: string[] = [];
    await this.#inTurn(async () => {
      await checkFolder(pattern);
      for await (const path of glob(pattern)) if (found.push(path) > maxFiles) return;
    }, fileMs);
    return found.toSorted();
  }

  async #inTurn<Result>(work: () => Promise<Result>, fileMs: number): Promise<Result> {
    try {
      return await this.#reader.inTurn(work, fileMs);
    } catch (error) {
      if (error instanceof UnreadableFile) throw new IncludeFault(`names a folder that ${error.message}`);
      throw error;
    }
  }
}

interface Found {
  readonly signatures: ReadonlyMap<string, string>;
  readonly unmatched: readonly string[];
}

/** The search for files takes a folder that may not be read for an empty one. Rejects with an IncludeFault. */
async function checkFolder(pattern: string): Promise<void> {
  const steps = pattern.split('/').slice(0, -1);
  const wild = steps.findIndex((step) => /[*?[\]{}!()+@]/.test(step));
  const folder = (wild < 0 ? steps : steps.slice(0, wild)).join('/') || (pattern.startsWith('/') ? '/' : '.');
  try {
    await (await opendir(folder)).close();
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return;
    throw new IncludeFault(
      `names the folder ${join(folder)}, which cannot be read (${code}). Give this user read access to it.`,
    );
  }
}

async function readOne(path: string, signature: string): Promise<Known> {
  const readAt = Date.now();
  const file = { path, ...(await contentOf(path, signature)) };
  const hash = hashOf('text' in file ? `text ${file.text}` : `fault ${file.fault}`);
  return { signature, isSettled: isSettled(signature, readAt), file, hash };
}

/** Returns the text of a file, or what is wrong with it. Opening a pipe would wait for its writer, or take from it. */
async function contentOf(
  path: string,
  signature: string,
): Promise<{ readonly text: string } | { readonly fault: string }> {
  if (signature.startsWith('code ')) return { fault: faultOf(signature.slice('code '.length)) };
  if (signature === notRegular) return { fault: notRegularFault };
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return { fault: stats.isDirectory() ? faultOf('EISDIR') : notRegularFault };
      if (stats.size > maxBytes)
        return { fault: `the file has more than ${maxBytes / 1024 / 1024} MiB. Name the right file.` };
      const buffer = Buffer.alloc(stats.size);
      const { bytesRead } = await file.read(buffer, 0, stats.size, 0);
      return { text: buffer.toString('utf8', 0, bytesRead) };
    } finally {
      await file.close();
    }
  } catch (error) {
    return { fault: faultOf(codeOf(error)) };
  }
}

/** Returns what changes with the content of a file, or with why it cannot be read. */
async function signatureOf(path: string): Promise<string> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return 'code EISDIR';
    if (!stats.isFile()) return notRegular;
    const { dev, ino, size, mtimeMs, ctimeMs } = stats;
    return [dev, ino, size, mtimeMs, ctimeMs].join(' ');
  } catch (error) {
    return `code ${codeOf(error)}`;
  }
}

/** Returns whether a signature taken before `now` shows every change after `now`. */
function isSettled(signature: string, now: number): boolean {
  if (signature === notRegular || signature.startsWith('code ')) return true;
  const [, , , mtimeMs, ctimeMs] = signature.split(' ').map(Number);
  return Math.max(mtimeMs ?? now, ctimeMs ?? now) < now - coarsestMs;
}

function hasVanished(signatures: ReadonlyMap<string, string>): boolean {
  return [...signatures.values()].includes('code ENOENT');
}

function sameEntries(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([path, signature]) => other.get(path) === signature);
}

function faultOf(code: string): string {
  switch (code) {
    case 'ENOENT':
      return 'this is a symbolic link to a file that does not exist. Remove it, or write the file.';
    case 'EISDIR':
      return 'this is a directory. Name the files in it, such as migrations.d/*.yaml.';
    case 'EACCES':
    case 'EPERM':
      return `the file may not be read by ${thisUser()}. Give read access to it.`;
    default:
      return `the file cannot be read (${code}). Remove it, or make it readable.`;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function fingerprintOf(entries: readonly string[], unmatched: readonly string[]): string {
  return hashOf([...entries, '', ...unmatched].join('\n'));
}
