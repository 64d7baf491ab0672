import { isLoopback } from './address-schemas.ts';
import type { Environment } from './interpolate.ts';
import { decoded } from './percent-encoding.ts';

/** The proxies to use, as absolute URLs; an empty text means none. May hold passwords. */
export type ProxyConfig = {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  /** Hosts to reach without a proxy. */
  readonly noProxy: string;
};

export type ProxyResult =
  | { readonly ok: true; readonly proxy: ProxyConfig | undefined }
  /** Sentences that hold nothing of the variables' values. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** As in browsers: this entry ends the rule that loopback addresses need no proxy (Chromium, "Proxy bypass rules"). */
const WITH_LOOPBACK = '<-loopback>';

/**
 * Reads the proxies from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`; the names in lower case come first, as with curl,
 * and empty ones count as unset. Nothing on this machine is reached by proxy unless `NO_PROXY` holds `<-loopback>`.
 */
export function readProxy(env: Environment, baseUrl: string): ProxyResult {
  const hosts = (env.no_proxy || env.NO_PROXY || '').split(/[,\s]+/).filter((host) => host !== '');
  const noProxy = hosts.filter((host) => host !== WITH_LOOPBACK).join(',');
  if (isLoopback(new URL(baseUrl).hostname) && !hosts.includes(WITH_LOOPBACK)) {
    return { ok: true, proxy: undefined };
  }
  const https = readVariable(env, 'https_proxy', 'HTTPS_PROXY');
  const http = readVariable(env, 'http_proxy', 'HTTP_PROXY');
  const problems = [https, http].flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
  if (problems.length > 0) return { ok: false, problems };
  const proxy = { httpProxy: http.url ?? '', httpsProxy: https.url ?? '', noProxy };
  return { ok: true, proxy: proxy.httpProxy + proxy.httpsProxy === '' ? undefined : proxy };
}

/** Returns the secrets of the proxies: passwords, alone and with their user names. */
export function proxySecrets(proxy: ProxyConfig | undefined): readonly string[] {
  return [proxy?.httpProxy ?? '', proxy?.httpsProxy ?? ''].flatMap((url) => {
    if (url === '') return [];
    const { username, password } = new URL(url);
    if (password === '') return [];
    const [name, plain] = [decodeURIComponent(username), decodeURIComponent(password)];
    return [password, plain, `${name}:${plain}`];
  });
}

/** Returns the proxy that requests to this address go through, without its login. NO_PROXY is ignored. */
export function shownProxy(proxy: ProxyConfig | undefined, baseUrl: string): string | undefined {
  const url = (baseUrl.startsWith('https:') && proxy?.httpsProxy) || proxy?.httpProxy;
  return url === undefined || url === '' ? undefined : new URL(url).origin;
}

function readVariable(
  env: Environment,
  ...names: readonly string[]
): { readonly url?: string; readonly problem?: string } {
  const name = names.find((candidate) => env[candidate]);
  const value = name === undefined ? undefined : env[name]?.trim();
  if (name === undefined || value === undefined || value === '') return {};
  // Many people write host:port, and curl accepts it.
  const url = readUrl(value.includes('://') ? value : `http://${value}`);
  if (url !== undefined) return { url };
  return {
    problem: `The environment variable ${name} is not the address of a proxy (its value is not shown); write http://host:port or https://host:port, a user name and password percent-encoded before the host, or unset it.`,
  };
}

function readUrl(text: string): string | undefined {
  // URL drops tabs and line breaks, and takes a backslash for a slash.
  if (!URL.canParse(text) || /[\s\\\p{Cc}]/u.test(text)) return undefined;
  const { protocol, hostname, pathname, search, hash, username, password, href } = new URL(text);
  const plain = ['', '/'].includes(pathname) && search === '' && hash === '';
  if (!['http:', 'https:'].includes(protocol) || hostname === '' || !plain) return undefined;
  return decoded(username) === undefined || decoded(password) === undefined ? undefined : href;
}
