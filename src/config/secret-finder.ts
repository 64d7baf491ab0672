import { addressFault, isOpenAddress } from './notification-texts.ts';
import type { Origins } from './origins.ts';
import { type ProxyConfig, readProxy } from './proxy.ts';
import type { Config } from './schema.ts';
import { type CredentialEffects, loadText, type SourcedText, type TextSource } from './sourced-text.ts';
import { formatPath, type KeyPath } from './yaml-tree.ts';

type Receiver = Config['notify'][number];

/** What is known besides the configuration. */
export interface NotificationContext extends CredentialEffects {
  readonly origins: Origins;
  /** The names of all events, and of those that are stored. */
  readonly events: { readonly all: readonly string[]; readonly stored: readonly string[] };
}

interface WantedAddress {
  readonly name: string;
  readonly systemd: string;
  readonly type: Receiver['type'] | 'ping';
  /** In place of one that is not given. */
  readonly usual?: string | undefined;
}

/** Finds the texts of one receiver or of the ping, and keeps what is wrong with them. */
export class SecretFinder {
  /** The section in the configuration. */
  readonly at: string;
  readonly problems: string[] = [];
  readonly warnings: string[] = [];
  readonly sources = new Map<string, string>();
  readonly #path: KeyPath;
  readonly #shown: string;
  readonly #context: NotificationContext;
  #isWritten = false;

  constructor(path: KeyPath, context: NotificationContext, name?: string) {
    this.#path = path;
    this.at = formatPath(path);
    this.#shown = name === undefined ? this.at : `${this.at} (${name})`;
    this.#context = context;
  }

  /** Whether the address that was found is in the configuration file itself, and not in a variable. */
  get isWritten(): boolean {
    return this.#isWritten;
  }

  /** Adds a problem of the section, or of a key in it. */
  refuse(clause: string, key?: string): void {
    this.problems.push(`${key === undefined ? this.#shown : `${this.at}.${key}`} ${clause}`);
  }

  /** Returns the source that a key of this section names. */
  file(key: string, path: string | undefined): readonly TextSource[] {
    return path === undefined ? [] : [{ label: `${this.at}.${key}`, path }];
  }

  /** Returns the text; undefined where it is not given, false where there is a problem. */
  async find(
    key: 'url' | 'secret' | 'password' | 'token',
    wanted: Omit<SourcedText, 'isSecret' | 'shownPath'>,
  ): Promise<string | undefined | false> {
    const sources = [...this.#variable(wanted.systemd), ...wanted.sources];
    const found = await loadText(
      { ...wanted, sources, isSecret: true, shownPath: shownSecretPath },
      this.#context,
    );
    if (found === undefined) return undefined;
    if (!found.ok) {
      this.problems.push(lowerFirst(found.problem));
      return false;
    }
    this.sources.set(`${this.at}.${key}`, found.label);
    this.warnings.push(...found.warnings.map(lowerFirst));
    return found.text;
  }

  /** Returns the address; undefined where there is a problem. */
  async address(
    { url, urlFile }: Pick<Receiver, 'url' | 'urlFile'>,
    { name, systemd, type, usual }: WantedAddress,
  ): Promise<string | undefined> {
    const label = `${this.at}.url`;
    const found = await this.find('url', {
      name: `address of ${type === 'ping' ? 'the ' : ''}${name}`,
      systemd,
      sources: [...(url === undefined ? [] : [{ label, text: url }]), ...this.file('urlFile', urlFile)],
      faultOf: (text) => addressFault(text, type),
    });
    if (found === false) return undefined;
    if (found === undefined && usual === undefined)
      this.refuse(
        `has no address; name its file as urlFile, or give url, $${variableOf(systemd)} or the systemd credential ${systemd}.`,
      );
    if (found === undefined) return usual;
    this.#isWritten = this.sources.get(label) === label && !this.#isFromVariable();
    if (type !== 'email' && isOpenAddress(found))
      this.warnings.push(
        `${this.#shown} has an http address, so others on the way can read what is sent; use https.`,
      );
    return found;
  }

  /** Returns the source that the environment has under the name of a systemd credential. */
  #variable(systemd: string): readonly TextSource[] {
    const name = variableOf(systemd);
    const text = this.#context.env[name];
    return text === undefined || text === '' ? [] : [{ label: `$${name}`, text }];
  }

  #isFromVariable(): boolean {
    const origin = this.#context.origins([...this.#path, 'url']);
    return origin.kind === 'file' && origin.variables.length > 0;
  }

  /** Returns the proxy that the environment has for an address. */
  proxy(address: string): ProxyConfig | undefined {
    const result = readProxy(this.#context.env, address);
    if (result.ok) return result.proxy;
    this.problems.push(...result.problems.map(lowerFirst));
    return undefined;
  }
}

/** Returns the environment variable that stands for a systemd credential: `notify-on-call-url` is CUTOVER_WATCH_NOTIFY_ON_CALL_URL. */
export function variableOf(systemd: string): string {
  return `CUTOVER_WATCH_${systemd.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}

/** Returns a path for a sentence. A relative one may be a password or a token. */
export function shownSecretPath(path: string): string {
  return path.startsWith('/') ? path : 'not shown, as it may be the secret itself';
}

/** Returns a sentence that follows the name of a file and a colon. */
export function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
