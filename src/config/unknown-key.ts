import { configKeys } from './keys.ts';
import { isSecretKey, looksSecret } from './secret-shapes.ts';
import { closest, sameSpelling, spelling } from './suggest.ts';
import { formatPath, type KeyPath } from './yaml-tree.ts';

/** The sentence about a key that the schema does not know, and the path of the key that was probably meant. */
export type UnknownKey = { readonly sentence: string; readonly meant: KeyPath | undefined };

const OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  ['projectid', 'groupId'],
  ['migrationid', 'liveMigrationId'],
  ['routingkey', 'secretFile'],
  ['integrationkey', 'secretFile'],
  ['webhookurl', 'url'],
]);

/** Returns the sentence (without the file name) about an unknown `key` found at `parent`. */
export function describeUnknownKey(parent: KeyPath, key: string): UnknownKey {
  const path = formatPath([...parent, key]);
  if (isSecretKey(key)) return { sentence: `${path} ${secretRemedy(parent, key)}`, meant: undefined };
  if (parent[0] === 'state' && /^(url|uri|dsn|database|connectionstring)$/.test(spelling(key)))
    return { sentence: `${path} ${databaseRemedy}`, meant: undefined };
  if (looksSecret(key) || key.includes('://')) {
    const place = formatPath(parent) || 'the top level';
    const sentence = `${place} holds a key that looks like a secret and is not shown; remove it.`;
    return { sentence, meant: undefined };
  }
  if (key === '<<') {
    const sentence = `${path} is a YAML merge key, which is not supported; write the keys out, or alias a whole section.`;
    return { sentence, meant: undefined };
  }
  return describePlainKey(parent, key, `${path} is not a known key`);
}

const databaseRemedy =
  'must not be in the configuration file, as the address of a database is a secret; remove it, put the address into a file, and name that as state.urlFile.';

function secretRemedy([section]: KeyPath, key: string): string {
  const inFile = 'must not be in the configuration file; remove it and put the secret into a file named by';
  if (section === 'notify') return `${inFile} secretFile or, for type: email, passwordFile.`;
  if (section === 'state') return databaseRemedy;
  if (section === 'ping') return `${inFile} ping.tokenFile.`;
  return spelling(key).startsWith('client')
    ? 'must not be in the configuration file; remove it and put the secret into the environment variable MONGODB_ATLAS_CLIENT_SECRET, or into a file named by MONGODB_ATLAS_CLIENT_SECRET_FILE or atlas.auth.clientSecretFile.'
    : 'must not be in the configuration file; remove it and put the key into the environment variable MONGODB_ATLAS_PRIVATE_API_KEY, or into a file named by MONGODB_ATLAS_PRIVATE_API_KEY_FILE or atlas.auth.privateKeyFile.';
}

function describePlainKey(parent: KeyPath, key: string, unknown: string): UnknownKey {
  const keys = configKeys().map(({ path }) => path);
  const parentPath = formatPath(parent).replaceAll(/\[\d+\]/g, '[]');
  const here = keys.filter((path) => sectionOf(path) === parentPath).map(lastKey);

  const same = sameSpelling(OTHER_WORDS.get(spelling(key)) ?? key, here);
  if (same !== undefined) return { sentence: `${unknown}. Did you mean ${same}?`, meant: [...parent, same] };

  const elsewhere = keys.find((path) => spelling(lastKey(path)) === spelling(key));
  if (elsewhere !== undefined) {
    const section = sectionOf(elsewhere);
    const remedy = section === '' ? 'It belongs at the top level' : `It belongs under ${section}`;
    return { sentence: `${unknown} here. ${remedy} (${elsewhere}).`, meant: undefined };
  }

  const near = closest(key, here);
  if (near !== undefined) return { sentence: `${unknown}. Did you mean ${near}?`, meant: [...parent, near] };
  const nearElsewhere = closest(key, keys.map(lastKey));
  const meant = keys.find((path) => lastKey(path) === nearElsewhere);
  if (meant !== undefined) return { sentence: `${unknown}. Did you mean ${meant}?`, meant: undefined };
  return { sentence: `${unknown}. The keys here are ${here.join(', ')}.`, meant: undefined };
}

function sectionOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('.')));
}

function lastKey(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
