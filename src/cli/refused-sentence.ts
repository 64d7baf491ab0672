import { shownIdentity } from '../config/print-config.ts';
import type { Settings } from '../daemon/settings.ts';

/** Returns a sentence on the credentials that Atlas refused: Atlas does not say which part is wrong. */
export function refusedSentence({ credentials, sources }: Pick<Settings, 'credentials' | 'sources'>): string {
  const [identity, secret] =
    credentials.type === 'apiKey' ? ['public key', 'private key'] : ['client id', 'client secret'];
  return `Atlas was asked with the ${identity} ${shownIdentity(credentials)} (from ${sources.identity}) and the ${secret} from ${sources.secret}.`;
}
