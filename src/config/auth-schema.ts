import { z } from 'zod';
import { type CrossCheck, crossCheck, property } from './scalar-schema.ts';
import { choice, filePath, line } from './scalars.ts';

/** The keys of each type of credentials: first the identity, then the file of the secret. */
export const KEYS_OF = {
  apiKey: ['publicKey', 'privateKeyFile'],
  serviceAccount: ['clientId', 'clientSecretFile'],
} as const;

type Auth =
  | {
      readonly type: 'apiKey';
      readonly publicKey?: string | undefined;
      readonly privateKeyFile?: string | undefined;
    }
  | {
      readonly type: 'serviceAccount';
      readonly clientId?: string | undefined;
      readonly clientSecretFile?: string | undefined;
    };

/** The `atlas.auth` section. Each type has two keys; those of the other type are rejected. */
export const authSchema = z
  .strictObject({
    type: choice('apiKey', 'serviceAccount').prefault('apiKey').meta({
      description:
        'How to sign in: `apiKey` is HTTP digest with an Atlas API key, `serviceAccount` is OAuth 2.0 with the client id and secret of a service account.',
    }),
    publicKey: line(100).optional().meta({
      description:
        'Public part of the API key. Usually given by `MONGODB_ATLAS_PUBLIC_API_KEY` or `MONGODB_ATLAS_PUBLIC_API_KEY_FILE` instead.',
      example: 'abcdefgh',
    }),
    privateKeyFile: filePath().optional().meta({
      description:
        'File that holds the private part of the API key. The key itself never goes into this file; `MONGODB_ATLAS_PRIVATE_API_KEY` or `MONGODB_ATLAS_PRIVATE_API_KEY_FILE` may give it instead.',
      example: '/run/secrets/atlas-private-key',
    }),
    clientId: line(100).optional().meta({
      description:
        'Client id of the service account. Usually given by `MONGODB_ATLAS_CLIENT_ID` or `MONGODB_ATLAS_CLIENT_ID_FILE` instead.',
      example: 'mdb_sa_id_0123456789abcdef01234567',
    }),
    clientSecretFile: filePath().optional().meta({
      description:
        'File that holds the client secret of the service account. The secret itself never goes into this file; `MONGODB_ATLAS_CLIENT_SECRET` or `MONGODB_ATLAS_CLIENT_SECRET_FILE` may give it instead.',
      example: '/run/secrets/atlas-client-secret',
    }),
  })
  .check(crossCheck(findForeignKeys))
  .transform(({ type, publicKey, privateKeyFile, clientId, clientSecretFile }): Auth => {
    switch (type) {
      case 'apiKey':
        return { type, publicKey, privateKeyFile };
      case 'serviceAccount':
        return { type, clientId, clientSecretFile };
    }
  });

function findForeignKeys(auth: unknown): readonly CrossCheck[] {
  const type = property(auth, 'type');
  if (type !== 'apiKey' && type !== 'serviceAccount') return [];
  const other = type === 'apiKey' ? 'serviceAccount' : 'apiKey';
  return KEYS_OF[other]
    .filter((key) => property(auth, key) !== undefined)
    .map((key) => ({
      path: [key],
      clause: `belongs to type: ${other}, but the type is ${type}; change the type, or remove the key.`,
    }));
}
