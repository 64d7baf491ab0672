import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { ServerContext } from './context.ts';
import { etagOf, HttpError, type Reply } from './reply.ts';
import type { RouteRequest } from './router.ts';

/** One file of the status page, ready to be sent. */
interface PageFile {
  readonly contentType: string;
  readonly etag: string;
  readonly body: Uint8Array;
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

/**
 * The page loads nothing from elsewhere, has nothing inline, and makes no markup out of text. Its one policy of trusted
 * types is for the address of its worker.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types cutover-watch',
].join('; ');

/** Returns the handler of the page and its assets. The files are read once, at the first request. */
export function createPage(): (context: ServerContext, request: RouteRequest) => Promise<Reply> {
  let files: ReadonlyMap<string, PageFile> | undefined;
  return async (_context, { name }) => {
    files ??= await readFiles();
    if (files === undefined)
      throw new HttpError(404, 'The status page has not been built. Run npm run build, and load / again.');
    const file = files.get(name || 'index.html');
    if (file === undefined) throw new HttpError(404, 'The page has no such file. Load / again.');
    return replyWith(file, name === '');
  };
}

/** Names of assets change with their content, so browsers may keep them forever. */
function replyWith({ contentType, etag, body }: PageFile, isDocument: boolean): Reply {
  return {
    status: 200,
    headers: {
      etag,
      'content-type': contentType,
      'cache-control': isDocument ? 'no-cache' : 'public, max-age=31536000, immutable',
      'content-security-policy': contentSecurityPolicy,
    },
    body,
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
  const body = await readFile(new URL(name, folder));
  const contentType = contentTypes[extname(name)] ?? 'application/octet-stream';
  return [name, { contentType, etag: etagOf(body), body }];
}
