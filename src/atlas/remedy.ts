import type { ErrorKind } from './error-kind.ts';

interface Fault {
  readonly kind: ErrorKind;
  readonly httpStatus?: number | undefined;
  readonly errorCode?: string | undefined;
}

/**
 * Returns what a person can do about a fault, in one or two sentences. The advice follows what each reply means
 * for a reader of live migrations; see "Limits and errors" of the Atlas Administration API documentation.
 */
export function remedyFor(fault: Fault): string {
  switch (fault.kind) {
    case 'network':
      return 'Check that this machine can resolve and reach the host in atlas.baseUrl on its port.';
    case 'timeout':
      return 'Check the network path to atlas.baseUrl; raise atlas.requestTimeout if the path is merely slow.';
    case 'tls':
      return 'Check the clock of this machine and its certificate authorities; behind a TLS-inspecting proxy, name its CA file in NODE_EXTRA_CA_CERTS.';
    case 'unauthorized':
      return 'Check the public and private key, and that the key belongs to the organization of this project with the role Organization Member.';
    case 'forbidden':
      return fault.errorCode?.includes('IP_ADDRESS_NOT_ON') === true
        ? "Add this machine's address to the API access list of the key (Organization Access, API Keys, the key, Edit)."
        : "Give the key the role Organization Member, and check the organization's API access list.";
    case 'not_found':
      return 'Check the project (group) id and the live migration id; an organization id in place of the project id gives the same answer.';
    case 'rate_limited':
      return 'Lower atlas.requestsPerMinute or poll less often; another client may be using the same budget of this project.';
    case 'server_error':
      return 'Nothing to do here: the fault is on the side of Atlas, and polling goes on. See status.mongodb.com if it lasts.';
    case 'bad_reply':
      return badReplyRemedy(fault.httpStatus);
    case 'api_version':
      return 'This version of the API is not served any more for live migrations; set atlas.apiVersion to the other one, or update cutover-watch.';
    case 'billing':
      return 'Settle the open invoice of the organization in the Atlas console; the API is closed until then.';
    case 'internal':
      return 'This is a fault of cutover-watch; please report it with this line.';
  }
}

function badReplyRemedy(httpStatus: number | undefined): string {
  if (httpStatus === 400)
    return 'Check the project (group) id and the live migration id in the configuration.';
  if (httpStatus !== undefined && httpStatus >= 300 && httpStatus < 400)
    return 'Set atlas.baseUrl to the address it redirects to, normally https://cloud.mongodb.com; redirects are not followed, so that credentials go nowhere else.';
  return 'Check that atlas.baseUrl is Atlas itself and not a proxy or a login page.';
}
