import { isoTime } from '../watch/migration/event-draft.ts';
import type { ServerContext } from './context.ts';

/** What the API tells of the watcher itself. */
export interface WatcherView {
  /** Now by the watcher's clock: a reader whose own is wrong still counts down rightly. */
  readonly time: string;
  readonly version: string;
  readonly startedAt: string;
  /** When the latest poll of this run ended, whatever Atlas said. */
  readonly lastPollAt?: string;
  /** What is wrong with the watcher, in sentences for people; none while it is well. */
  readonly problems: readonly string[];
  /** Where people see their projects: `/v2/` and the id of the project go behind it. */
  readonly consoleUrl: string;
}

/** Returns how the watcher itself is. */
export function watcherView(sources: ServerContext): WatcherView {
  const { version, tally, now, startedAt, atlasUrl } = sources;
  const { lastPollAt } = tally;
  return {
    time: isoTime(now()),
    version,
    startedAt: isoTime(startedAt),
    ...(lastPollAt !== undefined && { lastPollAt: isoTime(lastPollAt) }),
    problems: problemsOf(sources),
    consoleUrl: consoleUrlOf(atlasUrl()),
  };
}

/** An address that is not one of Atlas's own is that of a relay, which has no console. */
export function consoleUrlOf(atlasUrl: string): string {
  const { origin, hostname } = new URL(atlasUrl);
  return /(^|\.)mongodb(gov)?\.com$/.test(hostname) ? origin : 'https://cloud.mongodb.com';
}

function problemsOf({ liveness, tally }: ServerContext): string[] {
  const verdict = liveness();
  return [
    ...(verdict.alive ? [] : [verdict.reason]),
    ...(tally.configInUse
      ? []
      : [
          'The configuration was changed and is not valid: the former one stays in use. watcher.config_rejected in the log says what to mend.',
        ]),
    ...(tally.stateWritable
      ? []
      : [
          'The state file cannot be written: watching goes on from memory. watcher.state_unavailable in the log says why.',
        ]),
  ];
}
