import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configFor, startAtlas } from './atlas-by-hand.ts';
import { keyInEnvironment, runToEnd, temporaryFolder, writeConfig } from './program.ts';

const key = Buffer.alloc(32, 'k').toString('base64');
const secrets = {
  hook: 'http://127.0.0.1:1/services/T0000000/abcdefghijklmnopqrstuvwx?token=query-secret',
  key: `whsec_${key}`,
  routing: '0123456789abcdef0123456789abcdef',
  password: 'p@ss word/1',
  ping: 'http://127.0.0.1:1/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9',
  token: 'ping-t0ken-secret',
};
const forms = [
  ...Object.values(secrets),
  key,
  'abcdefghijklmnopqrstuvwx',
  'query-secret',
  '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9',
  encodeURIComponent(secrets.password),
  Buffer.from(secrets.password).toString('base64'),
];

/** Writes each secret into a file, and a configuration that names them. */
function configured(folder: string, baseUrl: string, more: object = {}) {
  const path = (name: string): string => join(folder, name);
  for (const [name, text] of Object.entries(secrets)) writeFileSync(path(name), text, { mode: 0o600 });
  const { migrations, ...config } = configFor(baseUrl);
  const file = writeConfig(folder, {
    ...config,
    // Every secret can also arrive in a name or a label.
    migrations: [migrations]
      .flat()
      .map((one) => ({ ...one, labels: { hook: '${HOOK}', password: '${PASSWORD}' } })),
    log: { level: 'trace' },
    notify: [
      { name: 'on-call', type: 'webhook', url: '${HOOK}', secretFile: path('key') },
      { name: 'chat', type: 'slack', urlFile: path('hook') },
      { name: 'pager', type: 'pagerduty', url: 'http://127.0.0.1:1/v2', secretFile: path('routing') },
      {
        name: 'mail',
        type: 'email',
        url: 'smtp://watch@127.0.0.1:1',
        passwordFile: path('password'),
        from: 'a@example.com',
        to: ['b@example.com'],
      },
    ],
    ping: { urlFile: path('ping'), tokenFile: path('token') },
    ...more,
  });
  return { file, env: { ...keyInEnvironment(), HOOK: secrets.hook, PASSWORD: secrets.password } };
}

function expectNoSecret(text: string): void {
  expect(forms.filter((form) => text.includes(form))).toEqual([]);
}

test.each([{ args: ['validate'] }, { args: ['validate', '--json'] }])(
  '$args shows sources in place of secrets',
  async ({ args }) => {
    const { file, env } = configured(temporaryFolder(), 'http://127.0.0.1:1');
    const { code, stdout, stderr } = await runToEnd([...args, '-c', file], env);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/ is valid: 1 migration\.\n$/)]);
    expect(stdout).toContain('(from ping.urlFile)');
    expect(stdout).toContain('[redacted]');
    expectNoSecret(stdout + stderr);
  },
);

test('secrets that are in the wrong place are refused, all at once, and not shown', async () => {
  const folder = temporaryFolder();
  const path = (name: string): string => join(folder, name);
  const { file, env } = configured(folder, 'http://127.0.0.1:1', {
    notify: [
      { name: 'a', type: 'webhook', urlFile: path('password'), secretFile: path('routing') },
      { name: 'b', type: 'pagerduty', url: secrets.ping, urlFile: path('hook'), secretFile: path('hook') },
      {
        name: 'c',
        type: 'email',
        url: 'smtps://watch:p%40ss%20word%2F1@mail.example.com',
        passwordFile: secrets.password,
        from: 'a@example.com',
        to: ['b@example.com'],
      },
      { name: 'd', type: 'webhook', urlFile: '/dev/zero', secretFile: path('hook') },
    ],
    ping: { urlFile: path('key'), tokenFile: secrets.token },
  });
  const { code, stdout, stderr } = await runToEnd(['validate', '-c', file], env);
  expect([code, stdout]).toEqual([78, '']);
  expect(stderr.trim().split('\n').length).toBeGreaterThanOrEqual(9);
  expect(stderr).toContain('/dev/zero');
  expect(stderr).toContain('has more than 16 MiB');
  expectNoSecret(stderr);
});

test('a running watcher writes no secret, and a command that notifies nobody needs none', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 1 });
  const { file, env } = configured(temporaryFolder(), atlas.simulator.baseUrl);
  const run = await runToEnd(['run', '--once', '-c', file], env);
  expect(run.code).toBe(0);
  expect(run.stdout).toContain('migration.ready_for_cutover');
  expect(run.stdout).toContain('"hook":"[redacted]"');
  expectNoSecret(run.stdout + run.stderr);

  const unread = configured(temporaryFolder(), atlas.simulator.baseUrl, {
    notify: [{ name: 'a', type: 'webhook', url: '${HOOK}', secretFile: '/nowhere' }],
  });
  const check = await runToEnd(['check', '--json', '-c', unread.file], unread.env);
  expect(check.code).toBe(0);
  expect(check.stdout + check.stderr).not.toContain(secrets.hook);
});
