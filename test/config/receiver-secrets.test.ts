import { expect, test } from 'vitest';
import { secretsOfAddressesIn, secretsOfNotifications } from '../../src/config/receiver-secrets.ts';
import type { SinkSettings } from '../../src/config/sink-settings.ts';
import { Redactor } from '../../src/events/redactor.ts';

const common = { name: 'a', level: 'info', events: [], labels: {}, timeout: 1, giveUpAfter: 1 } as const;

function sink(own: object): SinkSettings {
  return { ...common, proxy: undefined, ...own } as object as SinkSettings;
}

function redacted(text: string, settings: Parameters<typeof secretsOfNotifications>[0]): string {
  const redactor = new Redactor();
  for (const secret of secretsOfNotifications(settings)) redactor.register(secret);
  return redactor.text(text);
}

const slack = 'https://hooks.slack.com/services/T0000000/B0000000/abcdefghijklmnopqrstuvwx';
const teams =
  'https://prod-1.westeurope.logic.azure.com/workflows/0123456789abcdef0123456789abcdef/run?api-version=2016-06-01&sig=a%2Bb-c_d';
const basic = 'https://me:p%40ss%2Fword@hooks.example.com/x';
const key = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const mail = {
  type: 'email',
  url: 'smtps://watch@mail.example.com:465',
  password: 'p@ss word',
  from: 'a@b',
  to: [],
};

test.each([
  { form: 'the address', own: { type: 'slack', url: slack }, text: slack },
  { form: 'its path', own: { type: 'slack', url: slack }, text: slack.slice(23) },
  { form: 'a long part of its path', own: { type: 'slack', url: slack }, text: 'abcdefghijklmnopqrstuvwx' },
  { form: 'path and query', own: { type: 'teams', url: teams }, text: teams.slice(41) },
  { form: 'a secret of the query, encoded', own: { type: 'teams', url: teams }, text: 'sig=a%2Bb-c_d' },
  { form: 'a secret of the query, decoded', own: { type: 'teams', url: teams }, text: 'sig=a+b-c_d' },
  { form: 'the login', own: { type: 'webhook', url: basic, keys: [] }, text: 'me:p%40ss%2Fword' },
  { form: 'the decoded login', own: { type: 'webhook', url: basic, keys: [] }, text: 'me:p@ss/word' },
  { form: 'the password', own: { type: 'webhook', url: basic, keys: [] }, text: 'p@ss/word' },
  { form: 'a short path', own: { type: 'webhook', url: 'https://ntfy.example/tpc', keys: [] }, text: '/tpc' },
  { form: 'a key', own: { type: 'webhook', url: slack, keys: [key] }, text: key },
  { form: 'a key without whsec_', own: { type: 'webhook', url: slack, keys: [key] }, text: key.slice(6) },
  {
    form: 'the routing key',
    own: { type: 'pagerduty', url: slack, routingKey: '0123456789abcdef' },
    text: '0123456789abcdef',
  },
  { form: 'the password of mail', own: mail, text: 'p@ss word' },
  { form: 'the login of mail', own: mail, text: Buffer.from('\0watch\0p@ss word').toString('base64') },
  { form: 'the address of mail', own: mail, text: mail.url },
  {
    form: 'the password of a proxy',
    own: {
      type: 'slack',
      url: slack,
      proxy: { httpProxy: '', httpsProxy: 'http://u:proxy-pw@proxy.example', noProxy: '' },
    },
    text: 'proxy-pw',
  },
])('$form is hidden', ({ own, text }) => {
  const hidden = redacted(`It is ${text}.`, { sinks: [sink(own)], ping: undefined });
  expect(hidden).not.toContain(text);
  expect(hidden).not.toContain(text.replace(/^sig=/, ''));
});

test('address and token of the ping are hidden', () => {
  const ping = { url: 'https://hc-ping.com/0123-4567', token: 't0ken-t0ken', every: 1, proxy: undefined };
  expect(redacted('GET /0123-4567 by t0ken-t0ken', { sinks: [], ping })).toBe('GET [redacted] by [redacted]');
});

test.each([
  { rule: 'a host', text: 'hooks.slack.com does not answer' },
  { rule: 'a user of mail', text: 'cutover-watch' },
  { rule: 'a plain word of a query', text: 'cutover-watch, json' },
  { rule: 'the address that all have', text: 'https://events.pagerduty.com/v2/enqueue' },
])('$rule is no secret', ({ text }) => {
  const sinks = [
    sink({ type: 'slack', url: slack }),
    sink(mail),
    sink({ type: 'teams', url: `${teams}&source=cutover-watch&format=json` }),
    sink({ type: 'pagerduty', url: 'https://events.pagerduty.com/v2/enqueue', routingKey: 'x'.repeat(32) }),
    sink({ type: 'webhook', url: 'http://127.0.0.1:1/', keys: [] }),
  ];
  expect(redacted(text, { sinks, ping: undefined })).toBe(text);
});

test('what a configuration has for an address is a secret before anybody has checked it', () => {
  const notify = [{ url: 'no address at all' }, { url: slack }, {}] as never;
  expect(secretsOfAddressesIn({ notify, ping: undefined })).toEqual(
    expect.arrayContaining(['no address at all', slack, 'abcdefghijklmnopqrstuvwx']),
  );
});
