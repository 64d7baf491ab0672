import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';

/** One file of the status page, ready to be sent. */
export interface PageFile {
  readonly contentType: string;
  /** Changes with the content; weak, as it is the same for both encodings. */
  readonly etag: string;
  readonly plain: Uint8Array;
  readonly gzipped: Uint8Array;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/** Where the build puts the page: beside the bundle, which a run from the sources looks for in `dist`. */
const folders = [new URL('page/', import.meta.url), new URL('../../dist/page/', import.meta.url)];

/** Returns the files of the built page by their names; undefined where it has not been built. */
export async function readPageFiles(): Promise<ReadonlyMap<string, PageFile> | undefined> {
  for (const folder of folders) {
    const names = await readdir(folder).catch((): string[] => []);
    if (names.includes('index.html'))
      return new Map(await Promise.all(names.map((name) => read(folder, name))));
  }
  return undefined;
}

async function read(folder: URL, name: string): Promise<[string, PageFile]> {
  const plain = await readFile(new URL(name, folder));
  const etag = `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 16)}"`;
  const gzipped = await promisify(gzip)(plain, { level: constants.Z_BEST_COMPRESSION });
  return [
    name,
    { contentType: contentTypes[extname(name)] ?? 'application/octet-stream', etag, plain, gzipped },
  ];
}
