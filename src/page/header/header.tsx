import type { VNode } from 'preact';
import { formatSpan } from '../../events/format.ts';
import type { WatcherView } from '../../server/watcher-view.ts';
import type { Connection } from '../state.ts';
import { ago, localText, zoneName } from '../times.ts';

interface HeaderProps {
  readonly connection: Connection;
  /** Undefined until the first list has arrived. */
  readonly watcher: WatcherView | undefined;
  /** Milliseconds since 1970, by the watcher's clock. */
  readonly now: number;
}

/** Shows the health of the watcher, its problems, and a lost connection. */
export function Header({ connection, watcher, now }: HeaderProps): VNode {
  const problems = connection.state === 'connected' ? (watcher?.problems ?? []) : [];
  return (
    <>
      <header class="top">
        <div class="bar">
          <h1>
            <a class="brand" href="./">
              <span class="logo" aria-hidden="true" />
              cutover-watch
            </a>
          </h1>
          <p id="health" class="health" data-connection={connection.state}>
            {healthText(watcher, connection, now)}
          </p>
        </div>
        <div id="problems" class="notice" role="alert" hidden={problems.length === 0}>
          {problems.join(' ')}
        </div>
      </header>
      <div id="lost" class="notice lost" role="alert" hidden={connection.state !== 'lost'}>
        {connection.state === 'lost' && (
          <Loss since={connection.since} hasData={watcher !== undefined} now={now} />
        )}
      </div>
    </>
  );
}

interface LossProps {
  readonly since: number;
  readonly hasData: boolean;
  readonly now: number;
}

/** Only the age changes from second to second, and screen readers do not read it: they read the words once. */
function Loss({ since, hasData, now }: LossProps): VNode {
  const at = localText(new Date(since).toISOString(), now);
  return (
    <>
      {hasData
        ? `Connection to the watcher lost at ${at}. What is shown is `
        : 'No connection to the watcher for '}
      <span aria-hidden="true">{formatSpan(Math.max(0, now - since) / 1000)}</span>
      {hasData ? ' old' : ''}. Trying again every two seconds.
    </>
  );
}

function healthText(watcher: WatcherView | undefined, connection: Connection, now: number): string {
  const words = { connecting: '… Connecting', connected: '● Connected', lost: '✖ Not connected' };
  const first = words[connection.state];
  if (watcher === undefined || connection.state === 'lost') return first;
  const { version, startedAt, lastPollAt } = watcher;
  const since = (isoTime: string): number => Math.max(0, now - Date.parse(isoTime)) / 1000;
  const poll = lastPollAt === undefined ? 'no poll yet' : `last poll ${ago(since(lastPollAt))}`;
  return [
    first,
    `watcher ${version}`,
    `up ${formatSpan(since(startedAt))}`,
    poll,
    `times in ${zoneName(now)}`,
  ].join(' · ');
}
