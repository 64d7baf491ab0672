import type { CredentialKind } from './authenticator.ts';
import type { ErrorKind } from './error-kind.ts';

/** What is known of a fault that makes a difference to what a person can do. */
export interface Fault {
  readonly kind: ErrorKind;
  readonly httpStatus?: number | undefined;
  /** Atlas's own word for the error, such as `RESOURCE_NOT_FOUND`, or that of OAuth. */
  readonly errorCode?: string | undefined;
  /** What was used to prove who asks; an API key unless given. */
  readonly credential?: CredentialKind | undefined;
  /** The address from which Atlas saw the request, as far as it says. */
  readonly callerAddress?: string | undefined;
  /** It happened while an access token was asked for, before any migration was. */
  readonly signingIn?: boolean | undefined;
  /** The server itself said that only the nonce was old (RFC 7616 §3.3), so the key may be right. */
  readonly stale?: boolean | undefined;
  /** It happened at the proxy, or on the way to it. */
  readonly atProxy?: boolean | undefined;
  /** The certificate is a good one of another host. */
  readonly otherHost?: boolean | undefined;
  /** The proxy refused for want of a user name and password, or of the right ones. */
  readonly proxyWantsLogin?: boolean | undefined;
  /** What a 401 asks for instead of a digest that this program can compute. */
  readonly unknownChallenge?: string | undefined;
}

/**
 * Returns what a person can do about a fault, in one or two sentences. The advice follows what each reply means
 * for a reader of live migrations; see "Limits and errors" of the Atlas Administration API documentation.
 */
export function remedyFor(fault: Fault): string {
  switch (fault.kind) {
    case 'network':
      if (fault.proxyWantsLogin === true)
        return 'Put the user name and password that the proxy takes into HTTPS_PROXY, as http://user:password@host:port with special characters percent-encoded; or name the host in atlas.baseUrl in NO_PROXY to go without the proxy.';
      return fault.atProxy === true
        ? 'Check the proxy in HTTPS_PROXY: its address, its user name and password, and that it allows CONNECT to the host in atlas.baseUrl; name that host in NO_PROXY to go without the proxy.'
        : 'Check that this machine can resolve and reach the host in atlas.baseUrl on its port; where only a proxy may, name it in HTTPS_PROXY.';
    case 'timeout':
      return 'Check the network path to atlas.baseUrl, through the proxy in HTTPS_PROXY where there is one; raise atlas.requestTimeout if the path is merely slow.';
    case 'tls':
      if (fault.otherHost === true)
        return `Check the host ${fault.atProxy === true ? 'of the proxy in HTTPS_PROXY' : 'in atlas.baseUrl'}, and that its name leads there and to nothing in between: who answers shows the certificate of another host.`;
      return 'Check the clock of this machine and its certificate authorities; behind a TLS-inspecting proxy, name its CA file in NODE_EXTRA_CA_CERTS.';
    case 'unauthorized':
      if (fault.unknownChallenge !== undefined)
        return `The server in atlas.baseUrl, or a proxy in between, asks for ${fault.unknownChallenge}, and this program speaks Digest with MD5 or SHA-256 only. Check that atlas.baseUrl is Atlas itself, and have whatever stands in between ask for one of these or for nothing; the key is not at fault.`;
      if (fault.stale === true)
        return 'The key was taken, but Atlas called every nonce too old; lower atlas.concurrency if this lasts.';
      return fault.credential === 'serviceAccount'
        ? 'Check the client id and the client secret of the service account (a secret expires, and is renewed in the Atlas console), and that it belongs to the organization of this project with the role Organization Member.'
        : 'Check the public and private key, and that the key belongs to the organization of this project with the role Organization Member.';
    case 'forbidden':
      return forbiddenRemedy(fault);
    case 'not_found':
      return 'Check the project (group) id and the live migration id; an organization id in place of the project id gives the same answer.';
    case 'rate_limited':
      return fault.signingIn === true
        ? 'Nothing to do if it passes: Atlas gives a service account 10 tokens a minute. If it lasts, give this watcher a service account of its own.'
        : 'Lower atlas.requestsPerMinute or poll less often; another client may be using the same budget of this project.';
    case 'server_error':
      return 'Nothing to do here: the fault is on the side of Atlas, and polling goes on. See status.mongodb.com if it lasts.';
    case 'bad_reply':
      return badReplyRemedy(fault);
    case 'api_version':
      return 'This version of the API is not served any more for live migrations; set atlas.apiVersion to the other one, or update cutover-watch.';
    case 'billing':
      return 'Settle the open invoice of the organization in the Atlas console; the API is closed until then.';
    case 'internal':
      return 'This is a fault of cutover-watch; please report it with this line.';
  }
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
    return 'Set atlas.baseUrl to the address it redirects to, normally https://cloud.mongodb.com; redirects are not followed, so that credentials go nowhere else.';
  return 'Check that atlas.baseUrl is Atlas itself and not a proxy or a login page.';
}
