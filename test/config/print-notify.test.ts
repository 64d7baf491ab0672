import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { describeConfig, listConfig } from '../../src/config/print-config.ts';
import { memory } from '../../src/config/state-settings.ts';

const access = {
  credentials: { type: 'apiKey', publicKey: 'abcdefgh', privateKey: 'not-a-real-key' },
  state: memory,
  stateSource: undefined,
  sources: { identity: 'atlas.auth.publicKey', secret: '$MONGODB_ATLAS_PRIVATE_API_KEY' },
  notificationSources: new Map([
    ['notify[0].url', 'notify[0].url'],
    ['notify[0].secret', '$CREDENTIALS_DIRECTORY/notify-on-call-secret'],
    ['notify[1].url', 'notify[1].urlFile'],
    ['notify[1].password', 'notify[1].passwordFile'],
    ['ping.url', 'ping.url'],
    ['ping.token', 'ping.tokenFile'],
  ]),
} as const;

const content = `migrations: [5f7f5f5f5f5f5f5f5f5f5f5f/7e68e12770616e75e6df43d0]
notify:
  - name: on-call
    type: webhook
    url: $\{HOOK}
    level: warn
    labels: { team: payments }
  - name: mail
    type: email
    urlFile: /run/mail
    passwordFile: /run/pa$sword
    from: watch@example.com
    to: [dba@example.com]
    timeout: 90s
ping:
  url: https://example.com/s3cr3t
  tokenFile: /run/token
`;

async function load(text: string) {
  const env = { HOME: '/h', HOOK: 'https://hooks.example.com/s3cr3t' };
  const result = await loadConfig({ file: 'w.yaml', env, readFile: () => Promise.resolve(text) });
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result;
}

test('the secrets of receivers and ping are shown as where they come from, and the rest loads again', async () => {
  const { config, origins } = await load(content);
  const text = describeConfig(config, access, origins);
  expect(text).not.toContain('s3cr3t');
  const lines = text.split('\n').map((line) => line.replace(/ +# /, ' # ').trim());
  expect(lines).toEqual(
    expect.arrayContaining([
      'url: (from notify[0].url) # $HOOK, w.yaml:5',
      'secret: (from $CREDENTIALS_DIRECTORY/notify-on-call-secret)',
      'timeout: 20s # default',
      'url: (from notify[1].urlFile)',
      'password: (from notify[1].passwordFile)',
      'timeout: 90s # w.yaml:14',
      'url: (from ping.url) # w.yaml:16',
      'token: (from ping.tokenFile)',
    ]),
  );
  const again = await load(
    text.replaceAll(/^ +(?:- )?(publicKey|privateKey|url|secret|password|token): .*\n/gm, ''),
  );
  const withoutUrls = {
    ...config,
    notify: config.notify.map(({ url: _url, ...receiver }) => receiver),
    ping: { every: 60_000, tokenFile: '/run/token' },
  };
  expect(again.config).toEqual({ ...withoutUrls, state: again.config.state });
});

test('an address that nobody has looked for is not shown', async () => {
  const { config, origins } = await load(content);
  const { notificationSources: _sources, ...unread } = access;
  const text = describeConfig(config, unread, origins);
  expect(text).toContain('url: (not shown)');
  expect(text).not.toContain('s3cr3t');
});

test('the list of values has the sources of secrets', async () => {
  const { config, origins } = await load(content);
  const listed = listConfig(config, access, origins);
  expect(listed).toContainEqual({
    key: 'notify[0].url',
    value: '(from notify[0].url)',
    origin: { kind: 'credentials', text: 'notify[0].url' },
  });
  expect(listed).toContainEqual({
    key: 'notify[1].to',
    value: ['dba@example.com'],
    origin: { kind: 'file', file: 'w.yaml', line: 13, variables: [] },
  });
  expect(JSON.stringify(listed)).not.toContain('s3cr3t');
});
