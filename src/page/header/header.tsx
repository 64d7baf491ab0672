import type { ComponentChildren, VNode } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { formatSpan } from '../../events/format.ts';
import { receiversLine } from '../../watch/notification-words.ts';
import { Sign } from '../badge.tsx';
import type { MigrationRow } from '../data/migration-row.ts';
import { type PageState, titleOf } from '../state.ts';
import { zoneName } from '../times.ts';
import { type Alarm, lastReadText, receiversOf, type Standing, standbyText } from './standing.ts';

interface HeaderProps extends Pick<PageState, 'connection' | 'watcher'> {
  readonly standing: Standing;
  /** Whether the zone of the times is named here: the axis of the list names it, too. */
  readonly hasZone: boolean;
  readonly rows: readonly MigrationRow[];
  /** Milliseconds since 1970, by the watcher's clock. */
  readonly now: number;
  /** Buttons. */
  readonly children?: ComponentChildren;
}

/** How everything stands, the health of the watcher, and what is wrong with it. It stays in sight. */
export function Header({ connection, watcher, standing, hasZone, rows, now, children }: HeaderProps): VNode {
  const { text, tone, alarms } = standing;
  const standby = watcher && standbyText(watcher);
  const header = useRef<HTMLElement>(null);
  useHeight(header);
  return (
    <header ref={header} class="top" data-tone={tone}>
      <div class="bar">
        <h1>
          <a class="brand" href="./">
            <span class="logo" aria-hidden="true" />
            {titleOf(watcher)}
          </a>
        </h1>
        <p id="health" class="health" data-tone={alarms[0]?.tone}>
          {healthText({ connection, watcher }, standing, rows, now)}
          {hasZone && watcher && ` · times in ${zoneName(now)}`}
          {notificationsText({ connection, watcher })}
        </p>
        {children}
      </div>
      <p id="headline" class="headline">
        {text}
      </p>
      {standby !== undefined && (
        <p class="notice" data-kind="standby">
          {standby}
        </p>
      )}
      <p class="visually-hidden" role="alert">
        {alarms.map((alarm) => alarm.text).join(' ')}
      </p>
      {alarms.map((alarm) => (
        <AlarmLine key={alarm.text} alarm={alarm} hasHeadline={alarm.text === text} />
      ))}
    </header>
  );
}

interface AlarmLineProps {
  readonly alarm: Alarm;
  /** Whether the headline says it already. */
  readonly hasHeadline: boolean;
}

function AlarmLine({ alarm: { kind, tone, text, more }, hasHeadline }: AlarmLineProps): VNode {
  return (
    <p class="notice" data-kind={kind} data-tone={tone}>
      <Sign sign={tone === 'alarm' ? '✖' : '▲'} />{' '}
      {!hasHeadline && (more === undefined ? text : <strong>{text} </strong>)}
      {more}
    </p>
  );
}

const alarmWords: Partial<Record<Alarm['kind'], string>> = {
  'not-watching': '✖ Not watching',
  outage: "✖ Atlas can't be read",
};

function healthText(
  { connection, watcher }: Pick<PageState, 'connection' | 'watcher'>,
  { alarms }: Standing,
  rows: readonly MigrationRow[],
  now: number,
): string {
  const words = { connecting: '… Connecting', connected: '● Connected', lost: '✖ Not connected' };
  const first = alarmWords[alarms[0]?.kind ?? 'problem'] ?? words[connection.state];
  if (watcher === undefined || connection.state !== 'connected') return first;
  const { version, startedAt } = watcher;
  return [
    first,
    ...(connection.pollSeconds === undefined ? [] : [`updates every ${connection.pollSeconds} s`]),
    lastReadText(rows, now),
    `watcher ${version}`,
    `up ${formatSpan(Math.max(0, now - Date.parse(startedAt)) / 1000)}`,
  ].join(' · ');
}

/** Says who is notified, quietly: what is wrong with it is an alarm of its own. */
function notificationsText({ connection, watcher }: Pick<PageState, 'connection' | 'watcher'>): string {
  const line =
    watcher === undefined || connection.state !== 'connected'
      ? undefined
      : receiversLine(receiversOf(watcher));
  return line === undefined ? '' : ` · ${line}`;
}

/** Passes the style sheet the height of the header, below which other things stay in sight. */
function useHeight(header: { readonly current: HTMLElement | null }): void {
  useLayoutEffect(() => {
    const { current } = header;
    if (current === null) return;
    const resizing = new ResizeObserver(() =>
      document.documentElement.style.setProperty('--header', `${current.offsetHeight}px`),
    );
    resizing.observe(current);
    return () => resizing.disconnect();
  }, [header]);
}
