import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type SimulatorOptions, startSimulator } from '../../src/simulator/server.ts';

const GROUP = '5f7f5f5f5f5f5f5f5f5f5f5f';
const MIGRATION = '7e68e12770616e75e6df43d0';
const TARGET = `/api/atlas/v1.0/groups/${GROUP}/liveMigrations/${MIGRATION}`;
const KEY = { publicKey: 'abcdefgh', privateKey: 'pass "word" \\ with: all' };

const curlVersion = spawnSync('curl', ['--version'], { encoding: 'utf8' }).stdout ?? '';
const hasCurl = curlVersion.startsWith('curl ');
// Where Windows' own SSPI does the digest, curl knows MD5 only.
const hasSha256 = hasCurl && !/\bSSPI\b/.test(curlVersion);

const run = promisify(execFile);

/** The HTTP status curl ends with, and what the simulator recorded. */
async function curl(user: string, options: Partial<SimulatorOptions>) {
  const simulator = await startSimulator({
    credentials: KEY,
    migrations: new Map([[`${GROUP}/${MIGRATION}`, () => ({ status: 'NEW' })]]),
    ...options,
  });
  try {
    const url = `${simulator.baseUrl}${TARGET}?pretty=true`;
    const quiet = ['-q', '--silent', '--noproxy', '*', '--output', '/dev/null', '--max-time', '10'];
    const signed = ['--digest', '--user', user, '--write-out', '%{http_code}'];
    const { stdout } = await run('curl', [...quiet, ...signed, url]);
    return { code: stdout, statuses: simulator.requests.map(({ status }) => status) };
  } finally {
    await simulator.close();
  }
}

describe('curl --digest', () => {
  const right = `${KEY.publicKey}:${KEY.privateKey}`;
  const wrong = `${KEY.publicKey}:something else`;

  test.skipIf(!hasCurl)('is let in with the right key by MD5 (skipped without curl)', async () => {
    expect(await curl(right, { algorithm: 'MD5' })).toEqual({ code: '200', statuses: [401, 200] });
  });

  test.skipIf(!hasCurl)('is refused with a wrong key by MD5 (skipped without curl)', async () => {
    expect(await curl(wrong, { algorithm: 'MD5' })).toEqual({ code: '401', statuses: [401, 401] });
  });

  test.skipIf(!hasSha256)(
    'is let in with the right key by SHA-256 (skipped without a curl that knows it)',
    async () => {
      expect(await curl(right, { algorithm: 'SHA-256' })).toEqual({ code: '200', statuses: [401, 200] });
    },
  );

  test.skipIf(!hasSha256)(
    'is refused with a wrong key by SHA-256 (skipped without a curl that knows it)',
    async () => {
      expect(await curl(wrong, { algorithm: 'SHA-256' })).toEqual({ code: '401', statuses: [401, 401] });
    },
  );

  test.skipIf(!hasCurl)('signs again when its nonce is stale (skipped without curl)', async () => {
    const clock = [0, 60_000];
    const now = () => clock.shift() ?? 60_000;
    expect(await curl(right, { now })).toEqual({ code: '200', statuses: [401, 401, 200] });
  });
});
