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

// OpenSSL's verification results, as Node spells them, besides those that start with ERR_TLS_ or ERR_SSL_.
const tlsCodes =
  /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|EPROTO)/;

const otherHost = 'ERR_TLS_CERT_ALTNAME_INVALID';

// What undici and Node refuse to send, such as a header value that is not Latin-1: waiting mends none of it.
const invalidArgument = /^(UND_ERR_INVALID_ARG|ERR_INVALID_)/;

/**
 * Turns what the socket layer threw into an {@link AtlasError}: `timeout`, `tls`, `bad_reply` for bytes that are
 * not HTTP, else `network`. The detail is made of the error's code alone, as messages may quote the request.
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
 * A proxy that refuses is a fault of the network, and not `forbidden`: Atlas has said nothing, and whoever reads
 * `forbidden` looks into Atlas's access lists.
 */
function classifyProxyFault(fault: ProxyFault, requestTimeoutMs: number): AtlasError {
  const { status, cause } = fault;
  if (status !== undefined) {
    const reason = status === 407 ? ': it asks for a user name and password' : '';
    const detail = `The proxy opened no connection to Atlas (HTTP ${status}${reason}).`;
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
  if (kind === 'timeout') return `No whole reply within ${requestTimeoutMs / 1000} s.`;
  if (kind === 'internal') return 'The request failed inside the program, before it reached the network.';
  return `The request failed: ${explain(code)}.`;
}

function explain(code: string | undefined): string {
  return `${explanations[code ?? ''] ?? 'the connection could not be used'} (${code})`;
}

const explanations: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing accepts connections at that address',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'the host name does not exist',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  HTTPParserError: 'the reply is not HTTP',
  UND_ERR_SOCKET: 'the server closed the connection before the reply was whole',
  CERT_HAS_EXPIRED: 'the certificate of the server has expired',
  [otherHost]: 'the certificate is for another host name',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is signed by an unknown authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is signed by itself',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate is signed by an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is signed by an unknown authority',
};

/** Several addresses tried at once fail as one AggregateError; the first of them tells the story. */
function faultCode(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return faultCode(error.errors[0]);
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  // undici's parser gives its errors no code, although it means to.
  if (error.name === notHttp) return notHttp;
  return faultCode(error.cause);
}

/** undici hands on what its connections threw as it is, or as the cause of an error of its own. */
function findProxyFault(error: unknown): ProxyFault | undefined {
  if (error instanceof ProxyFault) return error;
  return error instanceof Error ? findProxyFault(error.cause) : undefined;
}
