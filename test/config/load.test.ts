import { describe, expect, it } from 'vitest';
import type { Environment } from '../../src/config/interpolate.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { thisUser } from '../../src/config/this-user.ts';

const GROUP = '5f7f5f5f5f5f5f5f5f5f5f5f';
const LIVE = '7e68e12770616e75e6df43d0';
const MIGRATIONS = `migrations: [${GROUP}/${LIVE}]\n`;

function load(text: string, env: Environment = { HOME: '/home/me' }) {
  return loadConfig({ file: 'watch.yaml', env, readFile: () => Promise.resolve(text) });
}

async function configOf(text: string, env?: Environment): Promise<Config> {
  const result = await load(text, env);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config;
}

async function problemsOf(text: string, env?: Environment): Promise<readonly string[]> {
  const result = await load(text, env);
  return result.ok ? [] : result.problems;
}

describe('loadConfig', () => {
  it('fills in every default of the contract', async () => {
    expect(await configOf(MIGRATIONS)).toEqual({
      atlas: {
        baseUrl: 'https://cloud.mongodb.com',
        apiVersion: 'v1.0',
        auth: { type: 'apiKey' },
        requestTimeout: 10_000,
        pollTimeout: 60_000,
        concurrency: 16,
        requestsPerMinute: 90,
      },
      retry: { attempts: 4, minDelay: 1000, maxDelay: 30_000, maxRetryAfter: 300_000 },
      schedule: {
        timezone: 'UTC',
        default: '*/30 * * * * *',
        approaching: '*/5 * * * * *',
        approachingLag: 300_000,
      },
      cutover: {
        window: 432_000_000,
        warnBefore: [172_800_000, 86_400_000, 21_600_000, 3_600_000],
        remindEvery: 43_200_000,
        lagAtMost: 300_000,
      },
      watch: { unreachableAfter: 90_000, remindEvery: 43_200_000, stallAfter: 1_800_000, heartbeat: 300_000 },
      migrations: [{ name: LIVE, groupId: GROUP, liveMigrationId: LIVE, labels: {} }],
      notify: [],
      state: { lease: 30_000 },
      http: { listen: '127.0.0.1:9464', allowedHosts: [] },
      log: { level: 'info', format: 'auto' },
    });
  });

  it.each(['5e1234567890123456789012', '123456789012345678901234', '000000000000000000000001'])(
    'keeps the unquoted id %s as it is written',
    async (id) => {
      const text = `migrations:\n  - groupId: ${id}\n    liveMigrationId: ${id}\n    name: 007\n`;
      const config = await configOf(text);
      expect(config.migrations[0]).toMatchObject({ groupId: id, liveMigrationId: id, name: '007' });
    },
  );

  it('reads JSON with its numbers, booleans and nulls', async () => {
    const text = JSON.stringify({
      atlas: { concurrency: 4, requestsPerMinute: null },
      cutover: { remindEvery: 0 },
      http: { listen: false },
      migrations: [{ groupId: GROUP, liveMigrationId: LIVE, labels: { tier: 1, critical: true } }],
    });
    const config = await configOf(text);
    expect(config.atlas).toMatchObject({ concurrency: 4, requestsPerMinute: 90 });
    expect(config.cutover.remindEvery).toBe(0);
    expect(config.http.listen).toBe(false);
    expect(config.migrations[0]?.labels).toEqual({ tier: '1', critical: 'true' });
  });

  it.each(['false', '"false"', "'false'"])('takes http.listen: %s for no server', async (listen) => {
    expect((await configOf(`${MIGRATIONS}http:\n  listen: ${listen}\n`)).http.listen).toBe(false);
  });

  it.each(['', 'null', '~', '# nothing'])(
    'takes %j for not given, in a key and a section',
    async (nothing) => {
      const config = await configOf(`${MIGRATIONS}retry: ${nothing}\nlog:\n  level: ${nothing}\n`);
      expect(config.log.level).toBe('info');
      expect(config.retry.attempts).toBe(4);
    },
  );

  it('keeps a quoted null as a text and leaves out a label without one', async () => {
    const text = `migrations:\n  - { groupId: ${GROUP}, liveMigrationId: ${LIVE}, name: "null", labels: { a: , b: x } }\n`;
    expect((await configOf(text)).migrations[0]).toMatchObject({ name: 'null', labels: { b: 'x' } });
  });

  it('takes an alias for the latest anchor of that name above it, also within what another alias stands for', async () => {
    const text = `migrations:
  - groupId: ${GROUP}
    liveMigrationId: ${LIVE}
    name: &name one
    labels: &labels { own: *name, given: &name two }
  - groupId: ${GROUP}
    liveMigrationId: 7e68e12770616e75e6df43d1
    name: *name
    labels: *labels
`;
    const { migrations } = await configOf(text);
    expect(migrations.map(({ name, labels }) => [name, labels])).toEqual([
      ['one', { own: 'one', given: 'two' }],
      ['two', { own: 'one', given: 'two' }],
    ]);
  });

  it('reads thousands of aliases in linear time', async () => {
    const items = Array.from(
      { length: 4_000 },
      (_, index) =>
        `  - { groupId: ${GROUP}, liveMigrationId: ${String(index).padStart(24, '0')}, labels: *l }`,
    );
    const begun = process.threadCpuUsage();
    const text = `migrations:\n  - { groupId: ${GROUP}, liveMigrationId: ${LIVE}, labels: &l { a: b } }\n${items.join('\n')}\n`;
    expect((await configOf(text)).migrations).toHaveLength(4_001);
    expect(process.threadCpuUsage(begun).user).toBeLessThan(3_000_000);
  });

  it('counts problems beyond the first hundred only', async () => {
    const text = Array.from({ length: 1_000 }, (_, index) => `k${index}: v\n`).join('');
    const result = await loadConfig({ file: 'c.yaml', env: {}, readFile: () => Promise.resolve(text) });
    const problems = result.ok ? [] : result.problems;
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)).toContain('901 more problems');
  });

  it('follows anchors and aliases', async () => {
    const text = `migrations:
  - { groupId: ${GROUP}, liveMigrationId: ${LIVE}, labels: &team { team: payments } }
  - { groupId: ${GROUP}, liveMigrationId: 7e68e12770616e75e6df43d1, labels: *team }
`;
    expect((await configOf(text)).migrations.map(({ labels }) => labels)).toEqual([
      { team: 'payments' },
      { team: 'payments' },
    ]);
  });

  it('takes as many migrations with names as one process can watch', async () => {
    const named = Array.from(
      { length: 10_000 },
      (_, n) =>
        `  - { name: m${n}, groupId: ${GROUP}, liveMigrationId: ${n.toString(16).padStart(24, '0')} }\n`,
    );
    const text = `migrations:\n${named.join('')}`;
    expect((await configOf(text)).migrations).toHaveLength(10_000);
  });

  it('reads a file with a byte order mark and Windows line ends', async () => {
    const config = await configOf(`\uFEFFlog:\r\n  level: warn\r\n${MIGRATIONS}`);
    expect(config.log.level).toBe('warn');
  });

  it('expands variables in values only, and an empty one counts as not given', async () => {
    const text = `migrations:\n  - { groupId: "\${GROUP}", liveMigrationId: ${LIVE}, labels: { "\${GROUP}": a$$b } }\nlog:\n  level: \${LEVEL:-}\n`;
    const config = await configOf(text, { HOME: '/', GROUP });
    expect(config.migrations[0]).toMatchObject({ groupId: GROUP, labels: { '${GROUP}': 'a$b' } });
    expect(config.log.level).toBe('info');
  });

  it('allows 400 requests a minute with v2 unless configured otherwise', async () => {
    expect((await configOf(`${MIGRATIONS}atlas: { apiVersion: v2 }`)).atlas.requestsPerMinute).toBe(400);
    const configured = `${MIGRATIONS}atlas: { apiVersion: v2, requestsPerMinute: 7 }`;
    expect((await configOf(configured)).atlas.requestsPerMinute).toBe(7);
  });

  it('asks v2, 400 times a minute, with a service account unless configured otherwise', async () => {
    const account = `${MIGRATIONS}atlas: { auth: { type: serviceAccount, clientId: x } }`;
    expect((await configOf(account)).atlas).toMatchObject({
      apiVersion: 'v2',
      requestsPerMinute: 400,
      auth: { type: 'serviceAccount', clientId: 'x' },
    });
    const configured = `${MIGRATIONS}atlas: { apiVersion: v1.0, auth: { type: serviceAccount } }`;
    expect((await configOf(configured)).atlas).toMatchObject({ apiVersion: 'v1.0', requestsPerMinute: 90 });
  });

  it.each([
    ['https://cloud.mongodb.com/', 'https://cloud.mongodb.com'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://127.9.9.9', 'http://127.9.9.9'],
    ['http://localhost:1/', 'http://localhost:1'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('accepts the address %s', async (written, read) => {
    expect((await configOf(`${MIGRATIONS}atlas: { baseUrl: "${written}" }`)).atlas.baseUrl).toBe(read);
  });

  it.each([
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'ftp://localhost',
    'https://a.example?x=1',
    'https://a.example/#x',
    'https://:s3cr3t@a.example',
  ])('refuses the address %s without showing it', async (address) => {
    const [problem, ...more] = await problemsOf(`${MIGRATIONS}atlas: { baseUrl: "${address}" }`);
    expect(more).toEqual([]);
    expect(problem).toMatch(/^watch\.yaml: atlas\.baseUrl /);
    expect(problem).not.toContain(address);
  });

  it('leaves out default warnings that do not fit a shorter window, and sorts those given', async () => {
    const short = await configOf(`${MIGRATIONS}cutover: { window: 6h }`);
    expect(short.cutover.warnBefore).toEqual([3_600_000]);
    const given = await configOf(`${MIGRATIONS}cutover: { warnBefore: [1h, 2d, 60m] }`);
    expect(given.cutover.warnBefore).toEqual([172_800_000, 3_600_000]);
  });

  it('reads allowed host names in lower case', async () => {
    const { http } = await configOf(`${MIGRATIONS}http: { allowedHosts: [Watch.example.com, prod_1] }`);
    expect(http.allowedHosts).toEqual(['watch.example.com', 'prod_1']);
  });

  it.each([
    ['Production (eu-west-1)', 'Production (eu-west-1)'],
    ['2026', '2026'],
    ['', undefined],
  ])('reads http.title: %s as text', async (text, title) => {
    expect((await configOf(`${MIGRATIONS}http: { title: ${text} }`)).http.title).toBe(title);
  });

  it('says everything that is wrong at once', async () => {
    const text = `log:
  levl: info
  format: xml
atlas:
  baseUrl: \${NOT_SET}
  requestTimeout: 5m
  pollTimeout: 1m
  auth: { privateKey: x }
migrations:
  - { groupId: nope, liveMigrationId: ${LIVE} }
  - { groupId: ${GROUP}, liveMigrationId: ${LIVE}, name: ${LIVE} }
  - ${GROUP}/${LIVE}
`;
    expect((await problemsOf(text)).map((problem) => problem.split(' ')[1])).toEqual([
      'atlas.baseUrl',
      'atlas.auth.privateKey',
      'log.levl',
      'atlas.requestTimeout',
      'migrations[0].groupId',
      'migrations[1]',
      'migrations[2]',
      'log.format',
    ]);
  });

  it('never shows a value that may be a secret', async () => {
    const uuid = '0f9b2c1d-1111-2222-3333-444455556666';
    const text = `atlas:\n  concurrency: ${uuid}\n  auth: { type: ${uuid}, publicKey: [${uuid}], ${uuid} }\n  baseUrl: "${uuid}"\nlog: { level: "\${KEY}", ${uuid}: 1 }\nmigrations:\n  - { groupId: ${uuid}, liveMigrationId: mdb_sa_sk_${uuid}, labels: { my-token: "a\\nhush" } }\n  - ${uuid}\n"${uuid}": x\n`;
    const problems = await problemsOf(text, { HOME: '/', KEY: 'hush' });
    expect(problems.length).toBeGreaterThan(8);
    expect(problems.join('\n')).not.toMatch(/444455556666|hush/);
  });

  it.each([
    [
      'ENOENT',
      'there is no such file. Write it with cutover-watch init, or name another with -c FILE or CUTOVER_WATCH_CONFIG.',
    ],
    [
      'EACCES',
      `the file may not be read by ${thisUser()}. Give read access to it, or run as a user who has it.`,
    ],
    ['EISDIR', 'this is a directory. Name the file in it, with -c FILE or CUTOVER_WATCH_CONFIG.'],
    ['EIO', 'the file cannot be read (EIO). Name another with -c FILE or CUTOVER_WATCH_CONFIG.'],
  ])('says what to do when reading fails with %s', async (code, sentence) => {
    const readFile = () => Promise.reject(Object.assign(new Error('no'), { code }));
    expect(await loadConfig({ file: 'watch.yaml', env: {}, readFile })).toEqual({
      ok: false,
      problems: [`watch.yaml: ${sentence}`],
    });
  });
});
