import { Document, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { AtlasCredentials, CredentialsResult } from './credentials.ts';
import { shownDatabase } from './database-address.ts';
import { formatDuration } from './duration.ts';
import { escapeDollars } from './interpolate.ts';
import { configKeys } from './keys.ts';
import type { NotificationSources } from './notification-secrets.ts';
import type { Origin, Origins } from './origins.ts';
import { shownProxy } from './proxy.ts';
import type { Config } from './schema.ts';
import type { StateSettings } from './state-settings.ts';
import { formatPath, type KeyPath } from './yaml-tree.ts';

type Access = Pick<Extract<CredentialsResult, { ok: true }>, 'credentials' | 'sources'> & {
  /** Where the secrets of receivers and ping come from; absent where nobody has looked. */
  readonly notificationSources?: NotificationSources;
  readonly state: StateSettings;
  /** Where the address of the database with the state comes from; undefined for a file. */
  readonly stateSource: string | undefined;
};

/** One value of the configuration as it will be used, and where it comes from. */
export interface ShownValue {
  readonly key: string;
  readonly value: unknown;
  /** `default`, `file`, or for a secret, which is not shown, its source in words. */
  readonly origin: Origin | { readonly kind: 'credentials'; readonly text: string };
}

/** What is secret of a receiver or of the ping. */
const secretKeys: readonly string[] = ['url', 'secret', 'password', 'token'];

/** Where a comment begins in the lines of a configuration, at the most. */
const widestValue = 60;

/**
 * Returns the configuration as it will be used, as YAML: defaults filled in, durations in words, the public key or
 * client id cut to its first characters and each secret replaced by where it comes from. Without these, the text
 * loads again to the same configuration. A comment says where each value comes from. A proxy of the environment is a
 * comment.
 */
export function describeConfig({ proxy, ...config }: Config, access: Access, origins: Origins): string {
  const document = new Document(shownTree(config, access), { aliasDuplicateObjects: false });
  visit(document, {
    Seq: (_key, list) => {
      if (list.items.every(isScalar)) list.flow = true;
    },
  });
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: false });
  const proxyUrl = shownProxy(proxy, config.atlas.baseUrl);
  const shown = withOrigins(text, originTexts(config, origins));
  return proxyUrl === undefined
    ? shown
    : `${shown}# Through the proxy ${proxyUrl} of the environment, unless NO_PROXY names the host.\n`;
}

/** Returns every value of the configuration as it will be used, with where it comes from. Secrets are not shown. */
export function listConfig(
  { proxy: _proxy, ...config }: Config,
  access: Access,
  origins: Origins,
): ShownValue[] {
  const values: ShownValue[] = [];
  const list = (value: unknown, path: KeyPath): void => {
    const key = formatPath(path);
    const isList = Array.isArray(value) && value.every((item) => typeof item !== 'object');
    if (typeof value !== 'object' || value === null || isList)
      values.push({ key, value, origin: credentialOrigin(key, access) ?? origins(path) });
    else for (const [step, item] of entriesOf(value)) list(item, [...path, step]);
  };
  list(
    shownTree(config, access, (text) => text),
    [],
  );
  return values;
}

function credentialOrigin(
  key: string,
  { sources, notificationSources, stateSource }: Access,
): ShownValue['origin'] | undefined {
  if (/^atlas\.auth\.(publicKey|clientId)$/.test(key)) return { kind: 'credentials', text: sources.identity };
  if (/^atlas\.auth\.(privateKey|clientSecret)$/.test(key))
    return { kind: 'credentials', text: sources.secret };
  const source = key === 'state.url' ? stateSource : notificationSources?.get(key);
  return source === undefined ? undefined : { kind: 'credentials', text: source };
}

function entriesOf(value: object): [PropertyKey, unknown][] {
  return Array.isArray(value) ? [...value.entries()] : Object.entries(value);
}

/** Returns the configuration as it is written, with what may be shown of the credentials. */
function shownTree(config: Omit<Config, 'proxy'>, access: Access, written = escapeDollars): unknown {
  const [durations, moments] = [pathsOf(/duration/), pathsOf(/date and time/)];

  /** `path` is the key as the reference names it, `at` its place. */
  function asWritten(value: unknown, path: string, at: string): unknown {
    if (path === 'atlas.auth') return describeAuth(config.atlas.auth, access);
    if (path === 'state') return describeState(config.state, access, written);
    if (typeof value === 'number' && durations.has(path)) return formatDuration(value);
    if (typeof value === 'number' && moments.has(path)) return new Date(value).toISOString();
    if (typeof value === 'string') return written(value);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value))
      return value.map((item, index) =>
        asWritten(item, durations.has(path) ? path : `${path}[]`, `${at}[${index}]`),
      );
    const below = path === '' ? '' : `${path}.`;
    const entries = Object.entries(value).map(([key, item]): [string, unknown] => [
      key,
      asWritten(item, `${below}${key}`, `${at}${at === '' ? '' : '.'}${key}`),
    ]);
    const hasSecrets = path === 'notify[]' || path === 'ping';
    return Object.fromEntries(hasSecrets ? withSources(entries, at, access) : entries);
  }

  return asWritten(config, '', '');
}

/** Returns the entries of a receiver or of the ping with the sources of its secrets in place of them. */
function withSources(
  entries: readonly [string, unknown][],
  at: string,
  { notificationSources: sources = new Map() }: Access,
): readonly [string, unknown][] {
  const hidden = entries.flatMap(([key]): [string, unknown][] =>
    key === 'url' ? [[key, '(not shown)']] : [],
  );
  const found = secretKeys.flatMap((key): [string, unknown][] => {
    const source = sources.get(`${at}.${key}`);
    return source === undefined ? [] : [[key, `(from ${source})`]];
  });
  return [...entries.filter(([key]) => key !== 'url'), ...hidden, ...found];
}

/** Returns what to say about the origin of the value at a path; undefined for nothing. */
type OriginText = (path: KeyPath) => string | undefined;

function originTexts({ migrations }: Pick<Config, 'migrations'>, origins: Origins): OriginText {
  return (path) => {
    const [section, index, ...rest] = path;
    if (formatPath(path).startsWith('atlas.auth.') && path.at(-1) !== 'type') return undefined;
    const origin = origins(path);
    if (formatPath(path) === 'state.url') return undefined;
    const isSecret = (section === 'notify' || section === 'ping') && secretKeys.includes(String(path.at(-1)));
    if (isSecret) return origin.kind === 'default' ? undefined : originText(origin);
    if (section !== 'migrations' || rest.length === 0) return originText(origin);
    const isOwn = rest.length > 1 && rest[0] !== 'labels';
    if (!isOwn) return origin.kind === 'default' ? 'default' : originText(origin);
    const own = typeof index === 'number' ? migrations[index] : undefined;
    return own !== undefined && origin.kind === 'default'
      ? 'follows from the window, and from cutover.warnBefore'
      : `${originText(origin)}, in place of ${rest.map(String).join('.')}`;
  };
}

function originText(origin: Origin): string {
  if (origin.kind === 'default') return 'default';
  const { file, line, variables } = origin;
  const place = line === undefined ? file : `${file}:${line}`;
  return variables.length === 0 ? place : `${variables.map((name) => `$${name}`).join(' and ')}, ${place}`;
}

/** Adds a comment to the line of each value, all from the same column where the values are short. */
function withOrigins(text: string, originOf: OriginText): string {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const commentAt = new Map<number, string>();
  const comment = (node: unknown, path: KeyPath): void => {
    if (isMap(node)) {
      for (const { key, value } of node.items)
        if (isScalar(key)) comment(value, [...path, String(key.value)]);
      return;
    }
    const isList = isSeq(node) && !node.items.every(isScalar);
    if (isSeq(node) && isList) {
      for (const [index, item] of node.items.entries()) comment(item, [...path, index]);
      return;
    }
    const start = isScalar(node) || isSeq(node) ? node.range?.[0] : undefined;
    const origin = originOf(path);
    // A text of several lines has its comment nowhere.
    const isBlock = isScalar(node) && node.type?.startsWith('BLOCK') === true;
    if (start === undefined || origin === undefined || isBlock) return;
    commentAt.set(lineCounter.linePos(start).line - 1, origin);
  };
  comment(document.contents, []);
  const lines = text.split('\n');
  const width = Math.min(
    widestValue,
    Math.max(0, ...[...commentAt.keys()].map((line) => lines[line]?.length ?? 0)),
  );
  return lines
    .map((line, index) => {
      const origin = commentAt.get(index);
      return origin === undefined ? line : `${line.padEnd(width)} # ${origin.replaceAll(/\s/g, ' ')}`;
    })
    .join('\n');
}
/** Returns the first characters of the public key or client id, enough to tell it from another. */
export function shownIdentity(credentials: AtlasCredentials): string {
  switch (credentials.type) {
    case 'apiKey':
      return `${credentials.publicKey.slice(0, 2)}...`;
    case 'serviceAccount':
      // Every client id of Atlas begins with mdb_sa_id_.
      return `${credentials.clientId.slice(0, credentials.clientId.startsWith('mdb_sa_id_') ? 12 : 2)}...`;
  }
}

/** Returns the keys whose values are of a kind, as the reference names it. */
function pathsOf(kind: RegExp): ReadonlySet<string> {
  return new Set(configKeys().flatMap(({ path, type }) => (kind.test(type) ? [path] : [])));
}

function describeState(
  { urlFile, lease }: Config['state'],
  { state, stateSource }: Access,
  written: (text: string) => string,
): object {
  return {
    ...(state.kind === 'file'
      ? { path: written(state.path) }
      : { url: `${written(shownDatabase(state.url))} (from ${stateSource})` }),
    ...(urlFile !== undefined && { urlFile: written(urlFile) }),
    lease: formatDuration(lease),
  };
}

function describeAuth(auth: Config['atlas']['auth'], { credentials, sources }: Access): object {
  const identity = `${shownIdentity(credentials)} (from ${sources.identity})`;
  const secret = `(from ${sources.secret})`;
  const file = auth.type === 'apiKey' ? auth.privateKeyFile : auth.clientSecretFile;
  const path = file === undefined ? undefined : escapeDollars(file);
  switch (credentials.type) {
    case 'apiKey':
      return {
        type: auth.type,
        publicKey: identity,
        privateKey: secret,
        ...(path === undefined ? {} : { privateKeyFile: path }),
      };
    case 'serviceAccount':
      return {
        type: auth.type,
        clientId: identity,
        clientSecret: secret,
        ...(path === undefined ? {} : { clientSecretFile: path }),
      };
  }
}
