import type { Milliseconds } from './duration.ts';
import type { ProxyConfig } from './proxy.ts';

/** What all receivers of notifications have. */
interface CommonSettings {
  /** Identifies its place in the event log. */
  readonly name: string;
  /** The whole address, secrets included. */
  readonly url: string;
  /** The least important events to send. */
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Names of events; `*` stands for any characters. Empty: all that are stored. */
  readonly events: readonly string[];
  /** Only migrations that have all of these; events of wider scopes always. */
  readonly labels: Readonly<Record<string, string>>;
  /** How long one attempt may take. */
  readonly timeout: Milliseconds;
  /** How long one event is tried. */
  readonly giveUpAfter: Milliseconds;
  /** From the environment, where it names a proxy that reaches this address. E-mail uses none. */
  readonly proxy: ProxyConfig | undefined;
}

/** A receiver of notifications, with its secrets. */
export type SinkSettings = CommonSettings &
  (
    | {
        readonly type: 'webhook';
        /** Keys that sign (`whsec_...`), all of them in use: the old and the new one during a rotation. May be empty. */
        readonly keys: readonly string[];
      }
    | { readonly type: 'slack' }
    | { readonly type: 'teams' }
    | { readonly type: 'pagerduty'; readonly routingKey: string }
    | {
        readonly type: 'email';
        /** Of the user in the address; undefined where the server wants none. */
        readonly password: string | undefined;
        readonly from: string;
        readonly to: readonly string[];
      }
  );

/** The address that is asked while everything is well, with its secrets. */
export interface PingSettings {
  readonly url: string;
  /** Sent as `Authorization: Bearer`; undefined where the receiver wants none. */
  readonly token: string | undefined;
  readonly every: Milliseconds;
  /** As that of a sink. */
  readonly proxy: ProxyConfig | undefined;
}

/** All that is notified. */
export interface NotificationSettings {
  readonly sinks: readonly SinkSettings[];
  readonly ping: PingSettings | undefined;
}
