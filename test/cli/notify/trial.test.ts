import { expect, test } from 'vitest';
import {
  chooseReceivers,
  receiverProblems,
  type Trial,
  trialSentence,
  trialView,
  tryNotifications,
} from '../../../src/cli/notify/trial.ts';
import type { NotificationSettings } from '../../../src/config/sink-settings.ts';
import { IncidentDesk } from '../../sinks/http/incident-desk.ts';
import { sinkSettings, startReceiver } from '../../sinks/receivers.ts';

async function tried(settings: NotificationSettings): Promise<Trial[]> {
  const trials: Trial[] = [];
  const options = {
    version: '1.2.3',
    redact: (text: string) => text,
    title: 'prod',
    now: Date.UTC(2026, 10, 29, 3),
    signal: new AbortController().signal,
  };
  for await (const trial of tryNotifications(settings, options)) trials.push(trial);
  return trials;
}

test('each receiver gets a message that says that it is a test, and the answer is said in one line', async () => {
  const { baseUrl, received } = await startReceiver((response, nth) =>
    response.writeHead(nth === 1 ? 204 : 503).end(),
  );
  const [first] = await tried({ sinks: [sinkSettings('webhook', { url: `${baseUrl}/a` })], ping: undefined });
  const body = JSON.parse(received[0]?.body ?? '{}') as Record<string, unknown>;
  expect(body).toMatchObject({
    type: 'cutover-watch.watcher.notification_test',
    source: '/cutover-watch/prod',
    data: {
      test: true,
      sink: 'on-call',
      msg: expect.stringMatching(/^This is a test of notifications to on-call/),
    },
  });
  expect(received[0]?.headers['webhook-id']).toBe(body.id);
  expect(first && trialSentence(first)).toBe('on-call: delivered (HTTP 204).');

  const slack = sinkSettings('slack', { name: 'team', url: `${baseUrl}/services/T1/B1/0123456789ab` });
  const [second] = await tried({ sinks: [slack], ping: undefined });
  expect(received[1]?.body).toContain('This is a test of notifications to team');
  expect(second && trialSentence(second)).toMatch(/^team: failed: HTTP 503\. Wait, .*\.$/);
  expect(second && trialView(second)).toMatchObject({
    name: 'team',
    type: 'slack',
    delivered: false,
    answer: 'HTTP 503',
    httpStatus: 503,
  });
});

test('the incident of a test is resolved at once, whatever the receiver is told otherwise', async () => {
  const { baseUrl, received } = await startReceiver((response) => response.writeHead(202).end());
  const pager = sinkSettings('pagerduty', {
    url: `${baseUrl}/v2/enqueue`,
    level: 'error',
    events: ['migration.*'],
  });
  const [trial] = await tried({ sinks: [pager], ping: undefined });
  const desk = new IncidentDesk();
  for (const { body } of received) desk.take(body);
  expect(received.map(({ body }) => (JSON.parse(body) as { event_action: string }).event_action)).toEqual([
    'trigger',
    'resolve',
  ]);
  expect(desk.open).toEqual([]);
  expect(trial && trialSentence(trial)).toBe('on-call: delivered (HTTP 202).');
});

test('an incident that may be open is said', async () => {
  const { baseUrl } = await startReceiver((response, nth) => response.writeHead(nth === 1 ? 202 : 500).end());
  const pager = sinkSettings('pagerduty', { url: baseUrl });
  const [trial] = await tried({ sinks: [pager], ping: undefined });
  expect(trial && trialSentence(trial)).toMatch(/^on-call: failed: HTTP 500\. .* resolve it there\.$/);
});

test('the ping is tested, too, and a receiver that cannot be reached delays no other', async () => {
  const { baseUrl, received } = await startReceiver((response) => response.writeHead(200).end('OK'));
  const trials = await tried({
    sinks: [sinkSettings('webhook', { url: 'http://127.0.0.1:1/' })],
    ping: { url: `${baseUrl}/ping/x`, token: 't0ken', every: 60_000, proxy: undefined },
  });
  expect(trials.map(trialSentence)).toEqual([
    expect.stringMatching(
      /^on-call: failed: .*127\.0\.0\.1:1.* Check that this machine reaches 127\.0\.0\.1:1/,
    ),
    'ping: delivered (HTTP 200).',
  ]);
  expect(received[0]).toMatchObject({
    path: '/ping/x',
    body: expect.stringContaining('This is a test'),
    headers: { authorization: 'Bearer t0ken' },
  });
});

test('only what is named is tested, and a name that nothing has is a mistake', () => {
  const all: NotificationSettings = {
    sinks: [sinkSettings('slack', { name: 'a' }), sinkSettings('teams', { name: 'b' })],
    ping: { url: 'https://hc.example.com/x', token: undefined, every: 60_000, proxy: undefined },
  };
  expect(chooseReceivers(all, [])).toEqual(all);
  expect(chooseReceivers(all, ['b'])).toEqual({ sinks: [all.sinks[1]], ping: undefined });
  expect(chooseReceivers(all, ['ping'])).toEqual({ sinks: [], ping: all.ping });
  expect(receiverProblems(['on-call', 'ping'], ['ping', 'oncall', 'x'])).toEqual([
    'There is no receiver "oncall" under notify. Did you mean on-call?',
    'There is no receiver "x" under notify. There is on-call, ping.',
  ]);
});
