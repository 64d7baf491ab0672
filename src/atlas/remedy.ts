import type { CredentialKind } from './authenticator.ts';
import type { ErrorKind } from './error-kind.ts';
import { pushOnly } from './push-only.ts';

/** The facts about a fault that the remedy depends on. */
export interface Fault {
  readonly kind: ErrorKind;
  readonly httpStatus?: number | undefined;
  /** Error code of Atlas, such as `RESOURCE_NOT_FOUND`, or of OAuth. */
  readonly errorCode?: string | undefined;
  /** Default: `apiKey`. */
  readonly credential?: CredentialKind | undefined;
  /** The client address that Atlas reports. */
  readonly callerAddress?: string | undefined;
  /** The request for an access token failed. */
  readonly signingIn?: boolean | undefined;
  /** The server rejected only the nonce (RFC 7616 §3.3), so the key may be valid. */
  readonly stale?: boolean | undefined;
  /** The fault is at the proxy, or on the way to it. */
  readonly atProxy?: boolean | undefined;
  /** The certificate is valid, but for another host. */
  readonly otherHost?: boolean | undefined;
  /** The port answers without TLS where the address says https. */
  readonly plainText?: boolean | undefined;
  /** The proxy requires a user name and password, or rejects those it was given. */
  readonly proxyWantsLogin?: boolean | undefined;
  /** The authentication that a 401 asks for, if this program does not support it. */
  readonly unknownChallenge?: string | undefined;
}

/**
 * Returns what a person can do about a fault, in one to three sentences. The source is "Limits and errors" of the Atlas
 * Administration API documentation.
 */
export function remedyFor(fault: Fault): string {
  switch (fault.kind) {
    case 'network':
      if (fault.proxyWantsLogin === true)
        return 'Set the user name and password of the proxy in HTTPS_PROXY, as http://user:password@host:port with special characters percent-encoded. To bypass the proxy, add the host in atlas.baseUrl to NO_PROXY.';
      return fault.atProxy === true
        ? 'Check the proxy in HTTPS_PROXY: its address, its user name and password, and that it allows CONNECT to the host in atlas.baseUrl. To bypass the proxy, add that host to NO_PROXY.'
        : 'Check that this machine can resolve and reach the host in atlas.baseUrl on its port. If only a proxy can reach it, set HTTPS_PROXY.';
    case 'timeout':
      return 'Check the network path to atlas.baseUrl, including the proxy in HTTPS_PROXY if one is set. If the path is only slow, raise atlas.requestTimeout.';
    case 'tls':
      if (fault.otherHost === true)
        return `Check the host ${fault.atProxy === true ? 'of the proxy in HTTPS_PROXY' : 'in atlas.baseUrl'}, and that its name resolves to that host and not to a device in between: the server that answers has the certificate of another host.`;
      if (fault.plainText === true)
        return fault.atProxy === true
          ? 'Write http:// in place of https:// in HTTPS_PROXY, or check its port. Behind an http:// proxy the connection to Atlas is encrypted all the same.'
          : 'Check the port in atlas.baseUrl, and that no device in between answers instead: https needs a port that speaks TLS, normally 443.';
      return 'Check the clock of this machine and its certificate authorities. Behind a TLS-inspecting proxy, set NODE_EXTRA_CA_CERTS to its CA file.';
    case 'unauthorized':
      if (fault.unknownChallenge !== undefined)
        return `The server in atlas.baseUrl, or a proxy in between, asks for ${fault.unknownChallenge}, but this program supports only Digest with MD5 or SHA-256. Check that atlas.baseUrl is Atlas itself, and that nothing in between requires another authentication. The key is not the cause.`;
      return fault.credential === 'serviceAccount'
        ? 'Check the client id and the client secret of the service account, and that it belongs to the organization of this project with the role Organization Member. A secret expires: renew it in the Atlas console.'
        : 'Check the public and private key, and that the key belongs to the organization of this project with the role Organization Member.';
    case 'forbidden':
      return forbiddenRemedy(fault);
    case 'not_found':
      return notFoundRemedy(fault);
    case 'rate_limited':
      return fault.signingIn === true
        ? 'Nothing to do if it passes: Atlas allows a service account 10 tokens a minute. If it lasts, give this watcher its own service account.'
        : 'Lower atlas.requestsPerMinute or poll less often. Another client may use the budget of the same project.';
    case 'server_error':
      if (fault.stale === true)
        return 'The key is valid, but Atlas rejected every nonce as stale. If this lasts, lower atlas.concurrency.';
      return 'Nothing to do here: Atlas has a fault, and polling continues. If it lasts, see status.mongodb.com.';
    case 'bad_reply':
      return badReplyRemedy(fault);
    case 'api_version':
      return 'Atlas no longer serves this version of the API for live migrations. Set atlas.apiVersion to the other version, or update cutover-watch.';
    case 'billing':
      return 'Settle the open invoice of the organization in the Atlas console. The API stays closed until then.';
    case 'internal':
      return 'This is a bug in cutover-watch. Please report it with this line.';
  }
}

function notFoundRemedy({ errorCode }: Fault): string {
  const alike = 'An organization id in place of the project id gives the same answer.';
  return errorCode === 'GROUP_NOT_FOUND'
    ? `Check the project (group) id. ${alike}`
    : `Check the project (group) id and the live migration id. ${alike} ${pushOnly}`;
}

function forbiddenRemedy({ errorCode, credential, callerAddress }: Fault): string {
  const holder = credential === 'serviceAccount' ? 'service account' : 'key';
  if (errorCode?.includes('IP_ADDRESS_NOT_ON') !== true)
    return `Give the ${holder} the role Organization Member, and check the organization's API access list.`;
  const place =
    credential === 'serviceAccount'
      ? 'Organization Access, Applications, the service account'
      : 'Organization Access, API Keys, the key, Edit';
  return `Add ${callerAddress ?? "this machine's address"} to the API access list of the ${holder} (${place}).`;
}

function badReplyRemedy({ httpStatus, signingIn }: Fault): string {
  if (httpStatus === 400 && signingIn !== true)
    return 'Check the project (group) id and the live migration id in the configuration.';
  if (httpStatus !== undefined && httpStatus >= 300 && httpStatus < 400)
    return 'Set atlas.baseUrl to the address that the reply redirects to, normally https://cloud.mongodb.com. Redirects are not followed, so that credentials reach no other host.';
  return 'Check that atlas.baseUrl is Atlas itself and not a proxy or a login page.';
}
