/** The fields of a Digest `Authorization` header that the simulator uses, unquoted. */
export type DigestAuthorization = {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly qop: string;
  readonly nc: string;
  readonly cnonce: string;
  readonly response: string;
  /** Absent means MD5 (RFC 7616 §3.3). */
  readonly algorithm?: string;
};

const SCHEME = /^digest[ \t]+/i;
const PARAMETER =
  /[ \t,]*([!#$%&'*+.^_`|~\w-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~\w-]+))[ \t]*(?:,|$)/y;
const LIST_END = /^[ \t,]*$/;

/**
 * Reads an `Authorization` header of the Digest scheme (RFC 7616 §3.4).
 * Parameters may come in any order. Any of them may be quoted, because clients differ in this.
 * Returns undefined if the scheme is not Digest, the syntax is invalid, a parameter is given twice, or a parameter that
 * `qop=auth` needs is missing.
 */
export function parseAuthorization(header: string | undefined): DigestAuthorization | undefined {
  const scheme = SCHEME.exec(header ?? '');
  if (header === undefined || scheme === null) {
    return undefined;
  }
  const parameters = parseParameters(header.slice(scheme[0].length));
  return parameters === undefined ? undefined : collectFields(parameters);
}

/** Returns the nonce count as a number, or undefined if `nc` is not exactly 8 hexadecimal digits (RFC 7616 §3.4). */
export function parseNonceCount(nc: string): number | undefined {
  return /^[0-9a-f]{8}$/i.test(nc) ? Number.parseInt(nc, 16) : undefined;
}

function parseParameters(list: string): ReadonlyMap<string, string> | undefined {
  const parameters = new Map<string, string>();
  let position = 0;
  while (!LIST_END.test(list.slice(position))) {
    PARAMETER.lastIndex = position;
    const [, name, quoted = '', token = unescapeQuoted(quoted)] = PARAMETER.exec(list) ?? [];
    const key = name?.toLowerCase();
    if (key === undefined || parameters.has(key)) {
      return undefined;
    }
    parameters.set(key, token);
    position = PARAMETER.lastIndex;
  }
  return parameters;
}

function unescapeQuoted(quoted: string): string {
  return quoted.replaceAll(/\\(.)/g, '$1');
}

function collectFields(parameters: ReadonlyMap<string, string>): DigestAuthorization | undefined {
  const username = parameters.get('username');
  const realm = parameters.get('realm');
  const nonce = parameters.get('nonce');
  const uri = parameters.get('uri');
  const qop = parameters.get('qop');
  const nc = parameters.get('nc');
  const cnonce = parameters.get('cnonce');
  const response = parameters.get('response');
  const algorithm = parameters.get('algorithm');
  if (
    username === undefined ||
    realm === undefined ||
    nonce === undefined ||
    uri === undefined ||
    qop === undefined ||
    nc === undefined ||
    cnonce === undefined ||
    response === undefined
  ) {
    return undefined;
  }
  const fields = { username, realm, nonce, uri, qop, nc, cnonce, response };
  return algorithm === undefined ? fields : { ...fields, algorithm };
}
