import { isoTime } from '../watch/migration/event-draft.ts';
import type { RoleView } from '../watch/role.ts';
import { notWatchingSince } from '../watch/standing.ts';
import type { ServerContext, WatchReader } from './context.ts';
import { type ReceiverView, receiverView } from './receiver-view.ts';

/** The watcher itself, as the API shows it. */
export interface WatcherView {
  /** Now by the watcher's clock, so that a reader with a wrong clock counts down correctly. */
  readonly time: string;
  readonly version: string;
  /** The name of this watcher, from `http.title`; absent where it has none. */
  readonly title?: string;
  readonly startedAt: string;
  /** When the latest poll of this run ended, whether it failed or not. */
  readonly lastPollAt?: string;
  /** Since when the poll loop has not run; absent while it does. */
  readonly notWatchingSince?: string;
  /** Whether it polls and reports, or stands by for another watcher; `active` also where the store is not shared. */
  readonly role: 'active' | 'standby';
  /** Who holds the shared store, as known last; absent where the store is not shared. */
  readonly lease?: LeaseHolderView;
  /** The kind of credentials. */
  readonly credential: 'apiKey' | 'serviceAccount';
  /** What is wrong with the watcher, in sentences for people; empty while it is well. */
  readonly problems: readonly string[];
  /** How each receiver of notifications stands; absent where there is none. */
  readonly notifications?: readonly ReceiverView[];
  /** The Atlas console for people; a project is at `/v2/` and its id. */
  readonly consoleUrl: string;
}

/** The lease of a shared store without its time, which changes all the time. */
interface LeaseHolderView {
  readonly epoch: number;
  /** The watcher that holds it: its host and process id. */
  readonly holder?: string;
  /** True while this watcher is active and cannot reach the database, so that another one may have taken over. */
  readonly unfenced?: true;
}

/** Returns the state of the watcher itself. */
export function watcherView({
  version,
  startedAt,
  now,
  counters,
  watch,
  redact,
}: ServerContext): WatcherView {
  const { lastPollAt } = counters;
  const stuckSince = notWatchingSince(watch.liveness(), now());
  const { atlasUrl, title, credential } = watch.settings();
  const { receivers } = watch.notifications();
  return {
    time: isoTime(now()),
    version,
    ...(title !== undefined && { title: redact.data(title) }),
    startedAt: isoTime(startedAt),
    ...(lastPollAt !== undefined && { lastPollAt: isoTime(lastPollAt) }),
    ...(stuckSince !== undefined && { notWatchingSince: isoTime(stuckSince) }),
    ...roleView(watch.role(), redact),
    credential,
    problems: problemsOf(watch),
    ...(receivers.length > 0 && { notifications: redact.data(receivers.map(receiverView)) }),
    consoleUrl: consoleUrlOf(atlasUrl),
  };
}

function roleView(
  { role, lease, unfenced }: RoleView,
  redact: ServerContext['redact'],
): Pick<WatcherView, 'role' | 'lease'> {
  if (lease === undefined) return { role };
  const { epoch, holder } = lease;
  return {
    role,
    lease: {
      epoch,
      ...(holder !== undefined && { holder: redact.data(holder) }),
      ...(unfenced === true && { unfenced }),
    },
  };
}

/** Returns the console that belongs to an Atlas API. A foreign address is that of a relay, which has no console. */
export function consoleUrlOf(atlasUrl: string): string {
  const { origin, hostname } = new URL(atlasUrl);
  return /(^|\.)mongodb(gov)?\.com$/.test(hostname) ? origin : 'https://cloud.mongodb.com';
}

function problemsOf(watch: WatchReader): string[] {
  const liveness = watch.liveness();
  const { configCurrent, stateWritable } = watch.status();
  const problems: string[] = [];
  if (!liveness.alive) problems.push(liveness.reason);
  if (!configCurrent)
    problems.push(
      'The configuration was changed and is not valid: the former one stays in use. watcher.config_rejected in the log says what to correct.',
    );
  const role = watch.role();
  if (!stateWritable || role.unfenced === true) problems.push(stateSentence(role));
  return problems;
}

/** Says what follows while the state cannot be written, or a standby cannot read it. */
function stateSentence({ role, lease, unfenced }: RoleView): string {
  if (role === 'standby')
    return 'The database of the state cannot be reached: what is shown may be old, and this standby cannot take over. watcher.state_unavailable in the log says why.';
  if (lease === undefined)
    return 'The state file cannot be written: watching continues from memory. watcher.state_unavailable in the log says why.';
  return unfenced === true
    ? 'The database of the state cannot be reached, and another watcher may have taken over: this one goes on from memory, and reports to standard output alone. watcher.state_unavailable in the log says why.'
    : 'The database of the state cannot be written: watching continues from memory. watcher.state_unavailable in the log says why.';
}
