import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KEYS_OF } from '../../config/auth-schema.ts';
import { commentedConfig, type TemplateValues } from '../../config/config-template.ts';

export interface DraftMigration {
  readonly name?: string | undefined;
  readonly groupId: string;
  readonly liveMigrationId: string;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** How to sign in, as far as it goes into the configuration. The rest comes from the environment. */
export interface DraftAuth {
  readonly type: keyof typeof KEYS_OF;
  /** The public key, or the client id. */
  readonly identity?: string | undefined;
  readonly secretFile?: string | undefined;
  /** A typed secret. It is written to `secretFile` together with the configuration. */
  readonly typedSecret?: string | undefined;
}

/** A file with a typed secret, which is written together with the configuration. */
export interface TypedFile {
  readonly path: string;
  readonly text: string;
}

/** A receiver of notifications, with paths in the place of its secrets. */
export interface DraftReceiver {
  readonly name: string;
  readonly type: string;
  readonly url?: string;
  readonly urlFile?: string;
  readonly secretFile?: string;
  readonly passwordFile?: string;
  readonly from?: string;
  readonly to?: readonly string[];
  readonly level: string;
}

/** Who is notified. */
export interface DraftNotifications {
  readonly receiver: DraftReceiver | undefined;
  readonly ping: { readonly urlFile: string } | undefined;
  readonly typed: readonly TypedFile[];
}

/** The answers so far. */
export interface Draft {
  readonly auth: DraftAuth;
  readonly migrations: readonly DraftMigration[];
  readonly baseUrl?: string | undefined;
  readonly statePath?: string | undefined;
  readonly listen?: string | undefined;
  readonly notifications?: DraftNotifications | undefined;
}

const schemaName = 'cutover-watch.schema.json';
const introduction =
  'Configuration of cutover-watch, written by `cutover-watch init`. Check a change with `cutover-watch validate`; a running watcher reloads it by itself.';

/** Returns the text of the configuration file of a draft, for this path. */
export function draftText(draft: Draft, file: string): string {
  const schemaFile = existsSync(join(dirname(file), schemaName)) ? `./${schemaName}` : undefined;
  return commentedConfig(chosenIn(draft), { introduction, schemaFile });
}

/** Returns the `atlas.auth` section of the configuration file. */
export function authSection({ type, identity, secretFile }: DraftAuth) {
  const [identityKey, secretKey] = KEYS_OF[type];
  return { type, [identityKey]: identity, [secretKey]: secretFile };
}

function chosenIn({ auth, migrations, baseUrl, statePath, listen, notifications }: Draft): {
  readonly [key: string]: TemplateValues;
} {
  return {
    migrations: migrations.map((migration) => ({ ...migration })),
    atlas: { baseUrl, auth: authSection(auth) },
    ...(statePath !== undefined && { state: { path: statePath } }),
    ...(notifications?.receiver !== undefined && { notify: [{ ...notifications.receiver }] }),
    ...(notifications?.ping !== undefined && { ping: { ...notifications.ping } }),
    ...(listen !== undefined && { http: { listen: listen === 'false' ? false : listen } }),
  };
}
