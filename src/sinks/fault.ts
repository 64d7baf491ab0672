import type { AtlasError } from '../atlas/atlas-error.ts';
import type { Outcome } from './sender.ts';

/** What comes of a delivery that a stop of the watcher ends. */
export const stopped: Outcome = { result: 'failed', answer: 'the watcher stopped', remedy: '' };

/** Returns what comes of a delivery without a reply. `host` is that of the receiver. */
export function faultOutcome(
  { kind, detail, proxyWantsLogin }: Pick<AtlasError, 'kind' | 'detail' | 'proxyWantsLogin'>,
  host: string,
): Outcome {
  return {
    // Another attempt makes nothing better of a fault of this program.
    result: kind === 'internal' ? 'rejected' : 'failed',
    answer: detail.replace(/\.$/, ''),
    remedy: remedyFor(kind, host, proxyWantsLogin),
  };
}

function remedyFor(kind: AtlasError['kind'], host: string, proxyWantsLogin: boolean): string {
  if (proxyWantsLogin) return 'Put the user name and password into the address of the proxy (HTTPS_PROXY).';
  switch (kind) {
    case 'timeout':
      return `Check whether ${host} answers. If it is only slow, raise timeout.`;
    case 'tls':
      return `Check the certificate of ${host}. Name a private authority in NODE_EXTRA_CA_CERTS.`;
    case 'internal':
      return 'Report this as a fault of cutover-watch.';
    default:
      return `Check that this machine reaches ${host}, and through which proxy (HTTPS_PROXY, NO_PROXY).`;
  }
}
