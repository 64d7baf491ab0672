import { resolve } from 'node:path';
import { isSecretAsPath } from '../../config/credential-text.ts';
import type { Environment } from '../../config/interpolate.ts';
import type { Draft, DraftAuth, DraftMigration } from './draft.ts';
import { readPasted } from './parse-ids.ts';

/** The options of `init`, as the command line gives them. */
export interface InitOptions {
  readonly config?: string;
  readonly yes?: boolean;
  readonly publicKey?: string;
  readonly privateKeyFile?: string;
  readonly clientId?: string;
  readonly clientSecretFile?: string;
  readonly migration?: readonly string[];
  readonly baseUrl?: string;
  readonly state?: string;
  readonly listen?: string;
  readonly verify: boolean;
  readonly force?: boolean;
  readonly print?: boolean;
}

/** Returns the draft that the options describe, and a sentence about every option that is wrong. */
export function readArguments(
  options: InitOptions,
  env: Environment,
): { readonly draft: Draft; readonly problems: readonly string[] } {
  const { publicKey, privateKeyFile, clientId, clientSecretFile, migration = [], state } = options;
  const isKey = publicKey !== undefined || privateKeyFile !== undefined;
  const isAccount = clientId !== undefined || clientSecretFile !== undefined;
  const read = readMigrations(migration);
  const both =
    'Options for an API key (--public-key, --private-key-file) and for a service account (--client-id, --client-secret-file) are both given. Keep one kind.';
  const type = isAccount || (!isKey && suggestsAccount(env)) ? 'serviceAccount' : 'apiKey';
  const secretFile = type === 'apiKey' ? privateKeyFile : clientSecretFile;
  const auth: DraftAuth = {
    type,
    identity: type === 'apiKey' ? publicKey : clientId,
    secretFile: secretFile === undefined ? undefined : absolutePath(secretFile, env),
  };
  return {
    draft: {
      auth,
      migrations: read.migrations,
      baseUrl: options.baseUrl,
      statePath: state === undefined || state === ':memory:' ? state : absolutePath(state, env),
      listen: options.listen,
    },
    problems: [
      ...(isKey && isAccount ? [both] : []),
      ...[privateKeyFile, clientSecretFile].filter((path) => path !== undefined).flatMap(secretAsPath),
      ...read.problems,
    ],
  };
}

/** Returns the absolute path, with a leading ~ expanded to $HOME as in a shell. */
export function absolutePath(path: string, { HOME: home }: Environment): string {
  return resolve(home ? path.replace(/^~(?=\/|$)/, () => home) : path);
}

/** Returns a sentence if a secret was given instead of the path of its file. The sentence does not quote it. */
export function secretAsPath(path: string): readonly string[] {
  if (!isSecretAsPath(path)) return [];
  return [
    'The path of the secret file looks like a secret itself. Give the path of a file that contains the secret. If others may have seen it, create a new one in Atlas.',
  ];
}

/** Returns the migrations that `--migration` names, and a sentence about each that it does not. */
export function readMigrations(texts: readonly string[]): {
  readonly migrations: readonly DraftMigration[];
  readonly problems: readonly string[];
} {
  const read = texts.map((text, index) => readMigration(text, index + 1));
  return {
    migrations: read.filter((result) => typeof result !== 'string'),
    problems: read.filter((result) => typeof result === 'string'),
  };
}

function readMigration(text: string, number: number): DraftMigration | string {
  const pasted = readPasted(text);
  switch (pasted.kind) {
    case 'pair': {
      const { kind: _kind, ...migration } = pasted;
      return migration;
    }
    case 'problem':
      return `--migration number ${number}: ${pasted.problem}`;
    case 'project':
    case 'migration':
    case 'id':
      return `--migration number ${number} has only one id. Give both, as [NAME=]PROJECT_ID/LIVE_MIGRATION_ID.`;
  }
}

/** Returns whether the environment has a service account, and no API key. */
export function suggestsAccount(env: Environment): boolean {
  const has = (...names: readonly string[]): boolean =>
    names.some((name) => Boolean(env[name] || env[`${name}_FILE`]));
  return (
    has('MONGODB_ATLAS_CLIENT_ID', 'MONGODB_ATLAS_CLIENT_SECRET') &&
    !has('MONGODB_ATLAS_PUBLIC_API_KEY', 'MONGODB_ATLAS_PRIVATE_API_KEY')
  );
}
