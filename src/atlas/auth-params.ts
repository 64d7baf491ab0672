/** One challenge of a `WWW-Authenticate` header: its scheme in lower case, and its parameters by lower-case name. */
export interface AuthChallenge {
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+(?=[\s,]|$)/;
const parameter = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)(?=[\s,]|$))/;

/**
 * Splits a `WWW-Authenticate` header into its challenges, in their order. A header may carry several, and both
 * challenges and parameters are parted by commas (RFC 9110 §11.6.1), so this reads token by token. What cannot
 * be read ends the list.
 */
export function parseChallenges(header: string): AuthChallenge[] {
  const challenges: { scheme: string; params: Map<string, string> }[] = [];
  let rest = header;
  for (;;) {
    rest = rest.replace(/^[\s,]+/, '');
    if (rest === '') return challenges;
    const current = challenges.at(-1);
    const pair = current && parameter.exec(rest);
    if (pair) {
      addParameter(current.params, pair);
      rest = rest.slice(pair[0].length);
      continue;
    }
    const scheme = token.exec(rest)?.[0];
    if (scheme === undefined) return challenges;
    challenges.push({ scheme: scheme.toLowerCase(), params: new Map() });
    rest = rest.slice(scheme.length);
  }
}

/** Reads a list of parameters without a scheme, as `Authentication-Info` carries it (RFC 7616 §3.5). */
export function parseParameters(header: string): ReadonlyMap<string, string> {
  return parseChallenges(`info ${header}`)[0]?.params ?? new Map();
}

function addParameter(params: Map<string, string>, [, name = '', quoted, bare]: RegExpExecArray): void {
  const key = name.toLowerCase();
  // The first of two equal names wins: a second one can only be a fault or an attack.
  if (!params.has(key)) params.set(key, quoted?.replaceAll(/\\(.)/g, '$1') ?? bare ?? '');
}
