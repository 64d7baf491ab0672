import type { IncomingHttpHeaders } from 'node:http';
import { type PageFile, readPageFiles } from './page-files.ts';
import { type Reply, refusal } from './reply.ts';

/** Where the status page is, whatever query people keep behind it. */
export const pagePath = '/';
const assetsPath = '/assets/';

/** The page runs nothing and shows nothing but what comes from this server, and makes no markup out of text. */
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

/** Whether this path is one of the page and its assets. */
export function isOfPage(pathname: string): boolean {
  return pathname === pagePath || pathname.startsWith(assetsPath);
}

/** Returns what answers for the page and its assets. They are read once, when somebody asks for them first. */
export function createPage(): (pathname: string, headers: IncomingHttpHeaders) => Promise<Reply> {
  let files: ReadonlyMap<string, PageFile> | undefined;
  return async (pathname, headers) => {
    files ??= await readPageFiles();
    if (files === undefined)
      return refusal(404, 'The status page has not been built. Run npm run build, and load this page again.');
    const file = files.get(pathname === pagePath ? 'index.html' : pathname.slice(assetsPath.length));
    if (file === undefined) return refusal(404, 'The page has no such file. Load / anew.');
    return fileReply(file, headers, pathname === pagePath);
  };
}

/** The names of assets change with their content, so they may be kept for ever. */
function fileReply(
  { contentType, etag, plain, gzipped }: PageFile,
  { 'if-none-match': known = '', 'accept-encoding': encodings = '' }: IncomingHttpHeaders,
  isPage: boolean,
): Reply {
  const headers = {
    etag,
    vary: 'accept-encoding',
    'cache-control': isPage ? 'no-cache' : 'public, max-age=31536000, immutable',
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
