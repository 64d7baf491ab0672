import { AtlasError } from './atlas-error.ts';
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
const badReplyCodes = new Set([notHttp, 'UND_ERR_HEADERS_OVERFLOW']);

// Node's TLS error codes, and its names of OpenSSL's verification results.
const tlsCodes =
  /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|EPROTO)/;

const otherHost = 'ERR_TLS_CERT_ALTNAME_INVALID';

// undici and Node refuse to send the request, for example because a header value is not Latin-1. A retry does not help.
const invalidArgument = /^(UND_ERR_INVALID_ARG|ERR_INVALID_)/;

/**
 * Turns an error of the socket layer into an {@link AtlasError}: `timeout`, `tls`, `bad_reply` for bytes that are not
 * HTTP, else `network`. The detail holds only the code of the error, because its message may quote the request.
 */
export function classifyFault(error: unknown, requestTimeoutMs: number): AtlasError {
  if (error instanceof AtlasError) return error;
  const proxyFault = findProxyFault(error);
  if (proxyFault !== undefined) return classifyProxyFault(proxyFault, requestTimeoutMs);
  const code = faultCode(error);
  const kind = kindOf(error, code);
  return new AtlasError({
    kind,
    otherHost: code === otherHost,
    detail: sentenceFor(kind, code, requestTimeoutMs),
    cause: error,
    connectionGone: error instanceof StaleConnectionError,
  });
}

/**
 * A refusal by the proxy is a `network` fault and not `forbidden`: Atlas has not answered, and a reader of `forbidden`
 * would check the access lists of Atlas.
 */
function classifyProxyFault(fault: ProxyFault, requestTimeoutMs: number): AtlasError {
  const { status, cause } = fault;
  if (status !== undefined) {
    const reason = status === 407 ? ': it asks for a user name and password' : '';
    const detail = `The proxy refused a connection to Atlas (HTTP ${status}${reason}).`;
    return new AtlasError({
      kind: 'network',
      atProxy: true,
      proxyWantsLogin: status === 407,
      detail,
      cause: fault,
    });
  }
  const code = faultCode(cause);
  const kind = kindOf(cause, code);
  const detail =
    kind === 'network' || kind === 'tls'
      ? `The request failed at the proxy: ${explain(code)}.`
      : sentenceFor(kind, code, requestTimeoutMs);
  return new AtlasError({ kind, atProxy: true, otherHost: code === otherHost, detail, cause: fault });
}

function kindOf(error: unknown, code: string | undefined): ErrorKind {
  if (error instanceof Error && error.name === 'TimeoutError') return 'timeout';
  if (code === undefined || invalidArgument.test(code)) return 'internal';
  if (timeoutCodes.has(code)) return 'timeout';
  if (tlsCodes.test(code)) return 'tls';
  if (code.startsWith('HPE_') || badReplyCodes.has(code)) return 'bad_reply';
  return 'network';
}

function sentenceFor(kind: ErrorKind, code: string | undefined, requestTimeoutMs: number): string {
  if (kind === 'timeout') return `No complete reply within ${requestTimeoutMs / 1000} s.`;
  if (kind === 'internal') return 'The request failed inside the program, before it reached the network.';
  return `The request failed: ${explain(code)}.`;
}

function explain(code: string | undefined): string {
  return `${explanations[code ?? ''] ?? 'the connection failed'} (${code})`;
}

const explanations: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing accepts connections at that address',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'the host name does not exist',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  HTTPParserError: 'the reply is not HTTP',
  UND_ERR_SOCKET: 'the server closed the connection before the reply was complete',
  CERT_HAS_EXPIRED: 'the certificate of the server has expired',
  [otherHost]: 'the certificate is for another host name',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is signed by an unknown authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is signed by itself',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate is signed by an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is signed by an unknown authority',
};

/** If several addresses fail, Node throws an AggregateError. The first error in it counts. */
function faultCode(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return faultCode(error.errors[0]);
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  // undici's parser errors have no code.
  if (error.name === notHttp) return notHttp;
  return faultCode(error.cause);
}

/** undici throws the error of a connection itself, or an error with it as the cause. */
function findProxyFault(error: unknown): ProxyFault | undefined {
  if (error instanceof ProxyFault) return error;
  return error instanceof Error ? findProxyFault(error.cause) : undefined;
}
