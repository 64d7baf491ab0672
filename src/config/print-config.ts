import { stringify } from 'yaml';
import type { AtlasCredentials, CredentialsResult } from './credentials.ts';
import { formatDuration } from './duration.ts';
import { escapeDollars } from './interpolate.ts';
import { configKeys } from './keys.ts';
import { shownProxy } from './proxy.ts';
import type { Config } from './schema.ts';

type Access = Pick<Extract<CredentialsResult, { ok: true }>, 'credentials' | 'sources'>;

/**
 * Returns the configuration as it will be used, as YAML: defaults filled in, durations in words, the public key or
 * client id cut to its first characters and the secret replaced by where it comes from. Without the two, the text
 * loads again to the same configuration. A proxy of the environment is a comment.
 */
export function describeConfig({ proxy, ...config }: Config, access: Access): string {
  const [durations, moments] = [pathsOf(/duration/), pathsOf(/date and time/)];

  function asWritten(value: unknown, path: string): unknown {
    if (path === 'atlas.auth') return describeAuth(config.atlas.auth, access);
    if (typeof value === 'number' && durations.has(path)) return formatDuration(value);
    if (typeof value === 'number' && moments.has(path)) return new Date(value).toISOString();
    if (typeof value === 'string') return escapeDollars(value);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value))
      return value.map((item) => asWritten(item, durations.has(path) ? path : `${path}[]`));
    const below = path === '' ? '' : `${path}.`;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, asWritten(item, `${below}${key}`)]),
    );
  }

  const text = stringify(asWritten(config, ''), { lineWidth: 0, aliasDuplicateObjects: false });
  const proxyUrl = shownProxy(proxy, config.atlas.baseUrl);
  return proxyUrl === undefined
    ? text
    : `${text}# Through the proxy ${proxyUrl} of the environment, unless NO_PROXY names the host.\n`;
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
