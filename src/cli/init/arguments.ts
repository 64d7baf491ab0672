import { basename, resolve } from 'node:path';
import type { Environment } from '../../config/interpolate.ts';
import { isPrivateKeyShape, isServiceAccountSecretShape } from '../../config/secret-shapes.ts';
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

/** Returns what the options say, and a sentence about everything in them that cannot be meant. */
export function readArguments(
  options: InitOptions,
  env: Environment,
): { readonly draft: Draft; readonly problems: readonly string[] } {
  const { publicKey, privateKeyFile, clientId, clientSecretFile, migration = [], state } = options;
  const isKey = publicKey !== undefined || privateKeyFile !== undefined;
  const isAccount = clientId !== undefined || clientSecretFile !== undefined;
  const read = migration.map((text, index) => readMigration(text, index + 1));
  const both =
    'Options of an API key (--public-key, --private-key-file) and of a service account (--client-id, --client-secret-file) are both given. Keep those of one.';
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
      migrations: read.filter((result) => typeof result !== 'string'),
      baseUrl: options.baseUrl,
      statePath: state === undefined || state === ':memory:' ? state : absolutePath(state, env),
      listen: options.listen,
    },
    problems: [
      ...(isKey && isAccount ? [both] : []),
      ...[privateKeyFile, clientSecretFile].filter((path) => path !== undefined).flatMap(secretAsPath),
      ...read.filter((result) => typeof result === 'string'),
    ],
  };
}

/** Returns the path as it will be found from any folder, with a leading ~ for $HOME as a shell has it. */
export function absolutePath(path: string, { HOME: home }: Environment): string {
  return resolve(home ? path.replace(/^~(?=\/|$)/, () => home) : path);
}

/** Returns a sentence where a secret was given in place of the path of its file; it does not quote it. */
export function secretAsPath(path: string): readonly string[] {
  const name = basename(path);
  if (!isPrivateKeyShape(name) && !isServiceAccountSecretShape(name)) return [];
  return [
    'The file of the secret is named like a secret itself. Give the path of a file that holds it, and make a new one in Atlas if others can have seen it.',
  ];
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
      return `--migration number ${number} has one id only. Give both, as [NAME=]PROJECT_ID/LIVE_MIGRATION_ID.`;
  }
}

function suggestsAccount(env: Environment): boolean {
  const has = (...names: readonly string[]): boolean =>
    names.some((name) => Boolean(env[name] || env[`${name}_FILE`]));
  return (
    has('MONGODB_ATLAS_CLIENT_ID', 'MONGODB_ATLAS_CLIENT_SECRET') &&
    !has('MONGODB_ATLAS_PUBLIC_API_KEY', 'MONGODB_ATLAS_PRIVATE_API_KEY')
  );
}
