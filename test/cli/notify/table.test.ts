import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import type { ListedReceiver } from '../../../src/cli/notify/list.ts';
import { listingSentences, receiverTable } from '../../../src/cli/notify/table.ts';

const now = Date.UTC(2026, 10, 29, 3);
const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();

const mail: ListedReceiver = {
  name: 'mail',
  type: 'email',
  state: 'working',
  reported: false,
  waiting: 0,
  lastAnswer: { at: ago(150), text: 'SMTP 250 OK', delivered: true },
  cursor: 4711,
};
const onCall: ListedReceiver = {
  name: 'on-call',
  type: 'webhook',
  state: 'failing',
  reported: true,
  waiting: 12,
  oldestAt: ago(1_530),
  failingSince: ago(1_500),
  nextAttemptAt: ago(-330),
  lastAnswer: { at: ago(30), text: 'HTTP 503: upstream is away', delivered: false },
  cursor: 4699,
};
const fresh: ListedReceiver = { name: 'pager', type: 'pagerduty', state: 'new', reported: false, waiting: 0 };

function table(receivers: readonly ListedReceiver[], columns?: number): string[] {
  return receiverTable(receivers, now, { color: false, columns }).trimEnd().split('\n');
}

test('each receiver is one line, with what waits and what came back', () => {
  expect(table([onCall, mail, fresh])).toEqual([
    'NAME     STATE    WAITING  OLDEST       LAST ANSWER                  NEXT TRY       TYPE       CURSOR',
    'on-call  failing  12       25 min 30 s  HTTP 503, 30 s ago           in 5 min 30 s  webhook    4699',
    'mail     working  0        –            SMTP 250 OK, 2 min 30 s ago  –              email      4711',
    'pager    new      0        –            –                            –              pagerduty  –',
  ]);
});

test.each([80, 60, 40, 24])('it fits a terminal of %i columns', (columns) => {
  const long = { ...onCall, name: 'a-very-long-name-of-a-receiver-that-nobody-would-choose' };
  const lines = table([onCall, mail, fresh, long], columns);
  expect(lines).toHaveLength(5);
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
});

test('at 80 columns it has the next attempt', () => {
  expect(table([onCall, mail], 80)[1]).toMatch(/HTTP 503, 30 s ago +in 5 min 30 s/);
});

test('what is wrong is said below, and what the table cannot show', () => {
  expect(listingSentences({ receivers: [onCall, mail, fresh], removed: ['former'] }, now)).toEqual([
    'Notifications to on-call have not arrived for 25 min (HTTP 503); 12 wait.',
    'Notifications to pager begin when a watcher starts or reloads, without earlier events.',
    'former is not under notify any more: what waits there is given up when the watcher starts or reloads.',
  ]);
  expect(listingSentences({ receivers: [mail], removed: [] }, now)).toEqual([]);
});
