import { type CredentialPart, loadPart, type PartResult } from './credential-part.ts';
import type { Environment } from './interpolate.ts';
import type { Config } from './schema.ts';
import { isPrivateKeyShape, isServiceAccountSecretShape } from './secret-shapes.ts';
import type { CredentialEffects } from './sourced-text.ts';

/** An Atlas API key (user name and password of the HTTP digest), or a service account (client of OAuth 2.0). */
export type AtlasCredentials =
  | { readonly type: 'apiKey'; readonly publicKey: string; readonly privateKey: string }
  | { readonly type: 'serviceAccount'; readonly clientId: string; readonly clientSecret: string };

/** The credentials and where their parts came from, or everything wrong with them; no sentence holds a secret. */
export type CredentialsResult =
  | {
      readonly ok: true;
      readonly credentials: AtlasCredentials;
      /** For people: `$MONGODB_ATLAS_PRIVATE_API_KEY`, `atlas.auth.privateKeyFile`. */
      readonly sources: { readonly identity: string; readonly secret: string };
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly string[] };

type Auth = Config['atlas']['auth'];

const API_KEY = 'Atlas API key';
const SERVICE_ACCOUNT = 'service account';

const PUBLIC_KEY: CredentialPart = {
  name: 'public key',
  of: API_KEY,
  isSecret: false,
  systemd: 'atlas-public-key',
  variable: 'MONGODB_ATLAS_PUBLIC_API_KEY',
  key: 'publicKey',
};
const PRIVATE_KEY: CredentialPart = {
  name: 'private key',
  of: API_KEY,
  isSecret: true,
  systemd: 'atlas-private-key',
  variable: 'MONGODB_ATLAS_PRIVATE_API_KEY',
  key: 'privateKeyFile',
};
const CLIENT_ID: CredentialPart = {
  name: 'client id',
  of: SERVICE_ACCOUNT,
  isSecret: false,
  systemd: 'atlas-client-id',
  variable: 'MONGODB_ATLAS_CLIENT_ID',
  key: 'clientId',
};
const CLIENT_SECRET: CredentialPart = {
  name: 'client secret',
  of: SERVICE_ACCOUNT,
  isSecret: true,
  systemd: 'atlas-client-secret',
  variable: 'MONGODB_ATLAS_CLIENT_SECRET',
  key: 'clientSecretFile',
};

/** The two parts of each kind of credentials. */
export const CREDENTIAL_PARTS = {
  apiKey: { identity: PUBLIC_KEY, secret: PRIVATE_KEY },
  serviceAccount: { identity: CLIENT_ID, secret: CLIENT_SECRET },
} as const;

/**
 * Finds both parts of the credentials: in $CREDENTIALS_DIRECTORY (systemd), in the environment variables the Atlas CLI
 * uses or the files they name with `_FILE`, or through the configuration. Two sources for the same part are refused.
 * Reads files each time, so call it again on a reload or a refusal. Never rejects.
 */
export async function loadCredentials(auth: Auth, effects: CredentialEffects): Promise<CredentialsResult> {
  switch (auth.type) {
    case 'apiKey': {
      const parts = await loadParts(
        CREDENTIAL_PARTS.apiKey,
        { identity: auth.publicKey, secret: auth.privateKeyFile },
        effects,
      );
      if (!parts.ok) return withHint(parts, effects.env);
      const { identity: publicKey, secret: privateKey, ...rest } = parts;
      return isPrivateKeyShape(publicKey)
        ? mixedUp(PUBLIC_KEY, rest.sources.identity, PRIVATE_KEY)
        : { ...rest, credentials: { type: 'apiKey', publicKey, privateKey } };
    }
    case 'serviceAccount': {
      const parts = await loadParts(
        CREDENTIAL_PARTS.serviceAccount,
        { identity: auth.clientId, secret: auth.clientSecretFile },
        effects,
      );
      if (!parts.ok) return parts;
      const { identity: clientId, secret: clientSecret, ...rest } = parts;
      return isServiceAccountSecretShape(clientId)
        ? mixedUp(CLIENT_ID, rest.sources.identity, CLIENT_SECRET)
        : { ...rest, credentials: { type: 'serviceAccount', clientId, clientSecret } };
    }
  }
}

/** Returns the secrets of the credentials. HTTP Basic encodes an id together with its secret. */
export function secretsOf(credentials: AtlasCredentials): readonly string[] {
  switch (credentials.type) {
    case 'apiKey':
      return [credentials.privateKey];
    case 'serviceAccount':
      return [credentials.clientSecret, `${credentials.clientId}:${credentials.clientSecret}`];
  }
}

/** The identity and the secret of one kind of credentials. */
interface Parts<T> {
  readonly identity: T;
  readonly secret: T;
}

/** Loads both parts; `configured` is what the configuration says about each. */
async function loadParts(
  parts: Parts<CredentialPart>,
  configured: Parts<string | undefined>,
  effects: CredentialEffects,
) {
  const [identity, secret] = await Promise.all([
    loadPart(parts.identity, configured.identity, effects),
    loadPart(parts.secret, configured.secret, effects),
  ]);
  if (!identity.ok || !secret.ok) return { ok: false, problems: problemsOf(identity, secret) } as const;
  return {
    ok: true,
    identity: identity.text,
    secret: secret.text,
    sources: { identity: identity.label, secret: secret.label },
    warnings: [...identity.warnings, ...secret.warnings],
  } as const;
}

function problemsOf(...parts: readonly PartResult[]): readonly string[] {
  return parts.flatMap((part) => (part.ok ? [] : [part.problem]));
}

function mixedUp(identity: CredentialPart, label: string, secret: CredentialPart): CredentialsResult {
  const problem = `The ${identity.name} (${label}) looks like a ${secret.name}. Swap the two if they are mixed up, and replace the ${secret.name} if it was shown to anybody.`;
  return { ok: false, problems: [problem] };
}

/** Adds a hint if the environment has a service account that the configuration does not use. */
function withHint(
  { problems }: { readonly problems: readonly string[] },
  env: Environment,
): CredentialsResult {
  const given = [CLIENT_SECRET, CLIENT_ID]
    .flatMap(({ variable }) => [variable, `${variable}_FILE`])
    .find((variable) => env[variable]);
  if (given === undefined) return { ok: false, problems };
  const hint = `$${given} belongs to a service account; to use that, write type: serviceAccount under atlas.auth.`;
  return { ok: false, problems: [...problems, hint] };
}
