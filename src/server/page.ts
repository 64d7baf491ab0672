import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { ServerContext } from './context.ts';
import { HttpError, type Reply } from './reply.ts';
import type { RouteRequest } from './router.ts';

/** One file of the status page, ready to be sent. */
interface PageFile {
  readonly contentType: string;
  /** Changes with the content; weak, because both encodings have the same one. */
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

/** The build puts the page beside the bundle; a run from the sources finds it in `dist`. */
const folders = [new URL('page/', import.meta.url), new URL('../../dist/page/', import.meta.url)];

/** The page loads nothing from elsewhere, has nothing inline, and makes no markup out of text. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** Returns the handler of the page and its assets. The files are read once, at the first request. */
export function createPage(): (context: ServerContext, request: RouteRequest) => Promise<Reply> {
  let files: ReadonlyMap<string, PageFile> | undefined;
  return async (_context, { name, headers }) => {
    files ??= await readFiles();
    if (files === undefined)
      throw new HttpError(404, 'The status page has not been built. Run npm run build, and load / again.');
    const file = files.get(name || 'index.html');
    if (file === undefined) throw new HttpError(404, 'The page has no such file. Load / again.');
    return replyWith(file, headers, name === '');
  };
}

/** Names of assets change with their content, so browsers may keep them forever. */
function replyWith(
  { contentType, etag, plain, gzipped }: PageFile,
  { 'if-none-match': known = '', 'accept-encoding': encodings = '' }: RouteRequest['headers'],
  isDocument: boolean,
): Reply {
  const headers = {
    etag,
    vary: 'accept-encoding',
    'cache-control': isDocument ? 'no-cache' : 'public, max-age=31536000, immutable',
    'content-security-policy': contentSecurityPolicy,
  };
  if (known.includes(etag)) return { status: 304, headers, body: '' };
  const zip = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(encodings);
  return {
    status: 200,
    headers: { ...headers, 'content-type': contentType, ...(zip && { 'content-encoding': 'gzip' }) },
    body: zip ? gzipped : plain,
  };
}

/** Returns the files of the built page by their names; undefined where it has not been built. */
async function readFiles(): Promise<ReadonlyMap<string, PageFile> | undefined> {
  for (const folder of folders) {
    const names = await readdir(folder).catch((): string[] => []);
    if (names.includes('index.html'))
      return new Map(await Promise.all(names.map((name) => readPageFile(folder, name))));
  }
  return undefined;
}

async function readPageFile(folder: URL, name: string): Promise<[string, PageFile]> {
  const plain = await readFile(new URL(name, folder));
  const contentType = contentTypes[extname(name)] ?? 'application/octet-stream';
  const etag = `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 16)}"`;
  const gzipped = await promisify(gzip)(plain, { level: constants.Z_BEST_COMPRESSION });
  return [name, { contentType, etag, plain, gzipped }];
}
