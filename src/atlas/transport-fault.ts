import { isIPv6 } from 'node:net';
import { AtlasError, type AtlasErrorInit } from './atlas-error.ts';
import { ProxyFault } from './dispatcher.ts';
import type { ErrorKind } from './error-kind.ts';
import { StaleConnectionError } from './kept-alive-client.ts';

const timeoutCodes = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

const notHttp = 'HTTPParserError';
/** undici's errors without a code, or with one that says too little, get a code from here. */
const unsolicited = 'UNSOLICITED_REPLY';
const badReplyCodes = new Set([notHttp, unsolicited, 'UND_ERR_HEADERS_OVERFLOW']);
/** OpenSSL has read bytes that are not TLS. */
const plainTextCodes = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG']);
/** A host may have addresses of a family that this machine has no route for. */
const noRouteCodes = new Set(['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']);

// Node's TLS error codes, and its names of OpenSSL's verification results.
const tlsCodes =
  /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|EPROTO)/;

const maxShownAddresses = 3;

const otherHost = 'ERR_TLS_CERT_ALTNAME_INVALID';

// undici and Node refuse to send the request, for example because a header value is not Latin-1. A retry does not help.
const invalidArgument = /^(UND_ERR_INVALID_ARG|ERR_INVALID_)/;

/**
 * Turns an error of the socket layer into an {@link AtlasError}: `timeout`, `tls`, `bad_reply` for bytes that are not
 * HTTP, else `network`. The detail holds only codes and addresses, because the message of an error may quote the
 * request. `peer` is who was to answer.
 */
export function classifyFault(error: unknown, requestTimeoutMs: number, peer = 'Atlas'): AtlasError {
  if (error instanceof AtlasError) return error;
  const proxyFault = findProxyFault(error);
  if (proxyFault !== undefined) return classifyProxyFault(proxyFault, requestTimeoutMs, peer);
  return new AtlasError({
    ...describe(error, requestTimeoutMs, ''),
    cause: error,
    connectionGone: error instanceof StaleConnectionError,
  });
}

/**
 * A refusal by the proxy is a `network` fault and not `forbidden`: Atlas has not answered, and a reader of `forbidden`
 * would check the access lists of Atlas.
 */
function classifyProxyFault(fault: ProxyFault, requestTimeoutMs: number, peer: string): AtlasError {
  const { status, cause } = fault;
  if (status !== undefined) {
    const reason = status === 407 ? ': it asks for a user name and password' : '';
    const detail = `The proxy refused a connection to ${peer} (HTTP ${status}${reason}).`;
    return new AtlasError({
      kind: 'network',
      atProxy: true,
      proxyWantsLogin: status === 407,
      detail,
      cause: fault,
    });
  }
  return new AtlasError({
    ...describe(cause, requestTimeoutMs, ' at the proxy'),
    atProxy: true,
    cause: fault,
  });
}

type Description = Pick<AtlasErrorInit, 'kind' | 'detail' | 'otherHost' | 'plainText'>;

function describe(error: unknown, requestTimeoutMs: number, place: string): Description {
  if (error instanceof Error && error.name === 'TimeoutError')
    return { kind: 'timeout', detail: `No complete reply within ${requestTimeoutMs / 1000} s.` };
  const causes = causesOf(error);
  // If no address can be reached, one without a route says nothing about the others.
  const { code } = causes.find((cause) => !noRouteCodes.has(cause.code)) ?? causes[0] ?? {};
  const kind = kindOf(code);
  if (kind === 'internal')
    return { kind, detail: 'The request failed inside the program, before it reached the network.' };
  return {
    kind,
    otherHost: code === otherHost,
    plainText: code !== undefined && plainTextCodes.has(code),
    detail: `The request failed${place}: ${explain(causes)}.`,
  };
}

function kindOf(code: string | undefined): ErrorKind {
  if (code === undefined || invalidArgument.test(code)) return 'internal';
  if (timeoutCodes.has(code)) return 'timeout';
  if (tlsCodes.test(code)) return 'tls';
  if (code.startsWith('HPE_') || badReplyCodes.has(code)) return 'bad_reply';
  return 'network';
}

/** Returns one clause for each code, with the addresses it concerns. */
function explain(causes: readonly Cause[]): string {
  const codes = [...new Set(causes.map(({ code }) => code))];
  const clauses = codes.map((code) => {
    const known = causes.filter((cause) => cause.code === code).flatMap(({ address }) => address ?? []);
    const shown = known.slice(0, maxShownAddresses).join(', ');
    const more = known.length > maxShownAddresses ? ` and ${known.length - maxShownAddresses} more` : '';
    const text =
      explanations[code] ?? (tlsCodes.test(code) ? 'the TLS handshake failed' : 'the connection failed');
    const at = shown + more;
    // A text without a place for the address has it at its end.
    const clause = text.includes('{}')
      ? text.replace('{}', () => at && ` ${at}`)
      : text + (at && ` at ${at}`);
    return `${clause} (${code})`;
  });
  return clauses.join('; ');
}

const explanations: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing accepts connections',
  ETIMEDOUT: 'the connection timed out',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'the host name{} does not exist',
  EAI_AGAIN: 'the host name{} could not be looked up',
  EHOSTUNREACH: 'the host{} cannot be reached',
  ENETUNREACH: 'no network leads to the host{}',
  UND_ERR_CONNECT_TIMEOUT: 'the server did not answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'the server did not answer in time',
  UND_ERR_BODY_TIMEOUT: 'the server stopped in the middle of the reply',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of the reply are larger than 16 KiB',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the length of the reply does not match its Content-Length',
  HTTPParserError: 'the reply is not HTTP',
  [unsolicited]: 'the server sent bytes that do not belong to a reply',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the port that answers does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'the port that answers does not speak TLS',
  UND_ERR_SOCKET: 'the server closed the connection before the reply was complete',
  CERT_HAS_EXPIRED: 'the certificate of the server has expired',
  [otherHost]: 'the certificate is for another host name',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is signed by an unknown authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is signed by itself',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate is signed by an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is signed by an unknown authority',
};

interface Cause {
  readonly code: string;
  /** An address with its port, or a host name that could not be looked up. */
  readonly address?: string | undefined;
}

/** Returns the causes of an error: one for each address if several failed. */
function causesOf(error: unknown): readonly Cause[] {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.flatMap(causesOf);
  if (!(error instanceof Error)) return [];
  const code = codeOf(error);
  return code === undefined ? causesOf(error.cause) : [{ code, address: addressOf(error) }];
}

function codeOf(error: Error): string | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  // The names of undici's only errors for bytes that do not belong to a reply.
  if (code === 'UND_ERR_SOCKET' && /^bad (response|upgrade)$/.test(error.message)) return unsolicited;
  if (error.name !== notHttp) return code;
  // The end of the connection in the middle of a body.
  return error.message.includes('Invalid EOF') ? 'UND_ERR_SOCKET' : (code ?? notHttp);
}

function addressOf(error: Error): string | undefined {
  if ('hostname' in error && typeof error.hostname === 'string') return error.hostname;
  if (!('address' in error && 'port' in error)) return undefined;
  const address = String(error.address);
  return `${isIPv6(address) ? `[${address}]` : address}:${String(error.port)}`;
}

/** undici throws the error of a connection itself, or an error with it as the cause. */
function findProxyFault(error: unknown): ProxyFault | undefined {
  if (error instanceof ProxyFault) return error;
  return error instanceof Error ? findProxyFault(error.cause) : undefined;
}
