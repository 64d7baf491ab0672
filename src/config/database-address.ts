import { decoded } from './percent-encoding.ts';

const usual = 'postgresql://user:password@host:5432/database';
const longest = 2_000;
/** A shorter secret is not redacted (`events/redactor.ts`): it would match harmless text. */
const minSecretLength = 4;
/** What the address may have after the `?`: nothing that names another place or another login. */
const elsewhere: ReadonlySet<string> = new Set([
  'host',
  'hostaddr',
  'port',
  'user',
  'password',
  'dbname',
  'database',
]);

/** Returns whether a text is the address of a database, and not the path of a file. */
export function isDatabaseAddress(text: string): boolean {
  return /^\s*postgres(?:ql)?:/i.test(text);
}

/**
 * Returns all that is wrong with the address of a PostgreSQL database, as the rest of a sentence that holds nothing of it;
 * undefined if nothing is.
 */
export function databaseFault(text: string): string | undefined {
  const faults = faultsOf(text);
  if (faults.length === 0) return undefined;
  return faults.map((fault, index) => (index === 0 ? fault : `It ${fault}`)).join(' ');
}

function faultsOf(text: string): readonly string[] {
  if (text === '') return [`is empty. Put an address such as ${usual} there.`];
  if (text.length > longest) return [`has more than ${longest} characters. Put the address alone there.`];
  // URL drops tabs and line breaks, trims, and takes a backslash for a slash.
  if (/[\s\\\p{Cc}]/u.test(text))
    return ['contains a space, a line break or a backslash. Put the address alone there, on one line.'];
  const faults: string[] = [];
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(text);
  if (!/^postgres(?:ql)?$/i.test(scheme?.[1] ?? ''))
    faults.push(`does not begin with postgresql:// or postgres://. Write an address such as ${usual}.`);
  const authority = /^[^/?#]*/.exec(text.slice(scheme?.[0].length ?? 0))?.[0] ?? '';
  const hosts = authority.slice(authority.lastIndexOf('@') + 1);
  if (hosts.includes(','))
    faults.push(
      'names several hosts. Write one address that leads to the primary, such as that of a proxy or a service, or a name that follows the primary.',
    );
  else if (scheme !== null && hosts.replace(/:.*/, '') === '')
    faults.push(`names no host. Write it before the database, as in ${usual}.`);
  else if (scheme !== null) faults.push(...partFaults(text));
  return faults;
}

function partFaults(text: string): readonly string[] {
  if (!URL.canParse(text))
    return [
      `is not an address. Write it as ${usual}, and percent-encode special characters of the user and the password, such as %40 for @ and %2F for /.`,
    ];
  const { pathname, username, password, hash, searchParams } = new URL(text);
  const faults: string[] = [];
  const database = pathname.slice(1);
  if (database === '') faults.push(`names no database. Write it after the host, as in ${usual}.`);
  else if (database.includes('/'))
    faults.push(`has more than a database after the host. Write it as ${usual}.`);
  if ([username, password, database].some((part) => decoded(part) === undefined))
    faults.push(
      'has a user, password or database with a % that encodes nothing. Write %25 for a percent sign.',
    );
  if (password !== '' && (decoded(password) ?? password).length < minSecretLength)
    faults.push(
      `has a password with fewer than ${minSecretLength} characters, so it could not be hidden in the log. Use a longer password.`,
    );
  if (hash !== '' || text.endsWith('#'))
    faults.push('contains a #, and what follows is never sent. Write %23 for one in the password.');
  if ([...searchParams.keys()].some((name) => elsewhere.has(name.toLowerCase())))
    faults.push(
      `names the host, the database or the login after the ?. Write these in their places, as in ${usual}.`,
    );
  return faults;
}

/** Returns the address of a database for people: its host, port and name, and nothing that is secret. */
export function shownDatabase(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `postgresql://${hostname}:${port === '' ? '5432' : port}${pathname}`;
}

/** Returns the secrets in the address of a database, in each form in which a part of them may be shown. */
export function secretsOfDatabase(url: string): readonly string[] {
  const { href, username, password, search } = new URL(url);
  const login =
    password === ''
      ? []
      : [
          password,
          `${username}:${password}`,
          decoded(password) ?? password,
          `${decoded(username) ?? username}:${decoded(password) ?? password}`,
        ];
  const whole = password === '' && search === '' && username === '' ? [] : [url, href];
  return [...whole, ...login];
}
