import { stringify } from 'yaml';
import type { CredentialsResult } from './credentials.ts';
import { formatDuration } from './duration.ts';
import { escapeDollars } from './interpolate.ts';
import { shownProxy } from './proxy.ts';
import type { Config } from './schema.ts';

type Access = Pick<Extract<CredentialsResult, { ok: true }>, 'credentials' | 'sources'>;

/**
 * Returns the configuration as it will be used, as YAML: defaults filled in, durations in words, the public key or
 * client id cut to its first characters and the secret replaced by where it comes from. Without the two, the text
 * loads again to the same configuration. A proxy of the environment is a comment.
 */
export function describeConfig({ proxy, ...config }: Config, access: Access): string {
  const { atlas, retry, schedule, cutover, watch } = config;
  const proxyUrl = shownProxy(proxy, atlas.baseUrl);
  const shown = {
    ...config,
    atlas: {
      ...atlas,
      auth: describeAuth(atlas.auth, access),
      requestTimeout: formatDuration(atlas.requestTimeout),
      pollTimeout: formatDuration(atlas.pollTimeout),
    },
    retry: {
      ...retry,
      minDelay: formatDuration(retry.minDelay),
      maxDelay: formatDuration(retry.maxDelay),
      maxRetryAfter: formatDuration(retry.maxRetryAfter),
    },
    schedule: { ...schedule, approachingLag: formatDuration(schedule.approachingLag) },
    cutover: {
      window: formatDuration(cutover.window),
      warnBefore: cutover.warnBefore.map(formatDuration),
      remindEvery: formatDuration(cutover.remindEvery),
    },
    watch: {
      ...watch,
      stallAfter: formatDuration(watch.stallAfter),
      heartbeat: formatDuration(watch.heartbeat),
    },
    migrations: config.migrations.map(({ name, groupId, liveMigrationId, labels }) => ({
      name: escapeDollars(name),
      groupId,
      liveMigrationId,
      labels: Object.fromEntries(Object.entries(labels).map(([label, text]) => [label, escapeDollars(text)])),
    })),
    state: { path: escapeDollars(config.state.path) },
  };
  const text = stringify(shown, { lineWidth: 0, aliasDuplicateObjects: false });
  return proxyUrl === undefined
    ? text
    : `${text}# Through the proxy ${proxyUrl} of the environment, unless NO_PROXY names the host.\n`;
}

function describeAuth(auth: Config['atlas']['auth'], { credentials, sources }: Access): object {
  const identity = (text: string, shownLength: number): string =>
    `${text.slice(0, shownLength)}... (from ${sources.identity})`;
  const secret = `(from ${sources.secret})`;
  const file = auth.type === 'apiKey' ? auth.privateKeyFile : auth.clientSecretFile;
  const path = file === undefined ? undefined : escapeDollars(file);
  switch (credentials.type) {
    case 'apiKey':
      return {
        type: auth.type,
        publicKey: identity(credentials.publicKey, 2),
        privateKey: secret,
        ...(path === undefined ? {} : { privateKeyFile: path }),
      };
    case 'serviceAccount':
      return {
        type: auth.type,
        // Every client id of Atlas begins with mdb_sa_id_.
        clientId: identity(credentials.clientId, credentials.clientId.startsWith('mdb_sa_id_') ? 12 : 2),
        clientSecret: secret,
        ...(path === undefined ? {} : { clientSecretFile: path }),
      };
  }
}
