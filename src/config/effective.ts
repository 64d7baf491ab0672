import { stringify } from 'yaml';
import type { CredentialsResult } from './credentials.ts';
import { formatDuration } from './duration.ts';
import { escapeDollars } from './interpolate.ts';
import type { Config } from './schema.ts';

/**
 * Returns the configuration as it will be used, as YAML: defaults filled in, durations in words, the public key cut to
 * its first two characters and the private key replaced by where it comes from. Without the two, the text loads again
 * to the same configuration.
 */
export function describeConfig(
  config: Config,
  { credentials, sources }: Pick<Extract<CredentialsResult, { ok: true }>, 'credentials' | 'sources'>,
): string {
  const { atlas, retry, schedule, cutover, watch } = config;
  const { type, privateKeyFile } = atlas.auth;
  const shown = {
    ...config,
    atlas: {
      ...atlas,
      auth: {
        type,
        publicKey: `${credentials.publicKey.slice(0, 2)}... (from ${sources.publicKey})`,
        privateKey: `(from ${sources.privateKey})`,
        ...(privateKeyFile === undefined ? {} : { privateKeyFile: escapeDollars(privateKeyFile) }),
      },
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
  return stringify(shown, { lineWidth: 0, aliasDuplicateObjects: false });
}
