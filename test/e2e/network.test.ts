import { writeFileSync } from 'node:fs';
import { connect as connectTo } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listenOn } from '../atlas/connect.ts';
import { startConnectProxy, type Treatment } from '../atlas/connect-proxy.ts';
import { type Certificate, createAuthority } from '../atlas/private-authority.ts';
import { configFor, startAtlas } from './atlas-by-hand.ts';
import { keyInEnvironment, runToEnd, temporaryFolder, writeConfig } from './program.ts';

const authority = createAuthority();
const both = authority.issue('DNS:atlas.invalid,IP:127.0.0.1');

/** A simulated Atlas behind TLS, with one migration. */
async function startTlsAtlas(certificate: Certificate = both): Promise<number> {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING', readyForCutover: false });
  const front = createTlsServer(certificate, (client) => {
    const upstream = connectTo(atlas.simulator.port, '127.0.0.1');
    upstream.on('error', () => client.destroy());
    client
      .on('error', () => upstream.destroy())
      .pipe(upstream)
      .pipe(client);
    onTestFinished(() => void upstream.destroy());
  });
  return listenOn(front);
}

interface Checked {
  readonly code: number | null;
  readonly output: string;
  readonly migration: unknown;
}

/** Runs `check --json` with these variables. */
async function check(baseUrl: string, env: Readonly<Record<string, string>>): Promise<Checked> {
  const folder = temporaryFolder();
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, authority.ca);
  const file = writeConfig(folder, configFor(baseUrl));
  const { NODE_EXTRA_CA_CERTS = ca, ...rest } = env;
  const { code, stdout, stderr } = await runToEnd(['check', '--json', '-c', file], {
    ...keyInEnvironment(),
    ...(NODE_EXTRA_CA_CERTS === '' ? {} : { NODE_EXTRA_CA_CERTS }),
    ...rest,
  });
  const { migrations } = JSON.parse(stdout || '{"migrations":[]}') as { migrations: readonly unknown[] };
  return { code, output: stdout + stderr, migration: migrations[0] };
}

const read = { code: 0, migration: { name: 'm0', status: 'WORKING' } };

describe('a private certificate authority', () => {
  test('is refused, with the remedy named, until NODE_EXTRA_CA_CERTS names it', async () => {
    const baseUrl = `https://127.0.0.1:${await startTlsAtlas()}`;
    expect(await check(baseUrl, { NODE_EXTRA_CA_CERTS: '' })).toMatchObject({
      migration: { error: { errorType: 'tls', remedy: expect.stringContaining('NODE_EXTRA_CA_CERTS') } },
    });
    expect(await check(baseUrl, {})).toMatchObject(read);
  });
});

/** A TLS Atlas, and a proxy that by default leads to it. */
async function startProxy(treatment: (port: number) => Treatment = (to) => ({ to })) {
  const port = await startTlsAtlas();
  const proxy = await startConnectProxy(() => treatment(port));
  return { port, proxy, far: `https://atlas.invalid:${port}`, near: `https://127.0.0.1:${port}` };
}

describe('a proxy in HTTPS_PROXY', () => {
  test('is gone through, with its login, to a host that this machine cannot resolve', async () => {
    const { far, port, proxy } = await startProxy();
    const HTTPS_PROXY = proxy.url.replace('//', '//me:s3cr3t@');
    expect(await check(far, { HTTPS_PROXY, NO_PROXY: 'other.example' })).toMatchObject(read);
    expect(proxy.tunnels).toEqual([`atlas.invalid:${port}`]);
    expect(proxy.logins).toEqual([`Basic ${Buffer.from('me:s3cr3t').toString('base64')}`]);
    expect(await check(far, { https_proxy: HTTPS_PROXY })).toMatchObject(read);
    expect(proxy.tunnels).toHaveLength(2);
  });

  test('is passed by for what NO_PROXY names, and for this machine unless asked otherwise', async () => {
    const { far, near, proxy } = await startProxy();
    const HTTPS_PROXY = proxy.url;
    expect(await check(far, { HTTPS_PROXY, NO_PROXY: '.invalid' })).toMatchObject({
      code: 69,
      migration: { error: { errorType: 'network', detail: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) } },
    });
    expect(await check(near, { HTTPS_PROXY })).toMatchObject(read);
    expect(await check(near, { HTTPS_PROXY, NO_PROXY: '<-loopback>,127.0.0.1' })).toMatchObject(read);
    expect(proxy.tunnels).toEqual([]);
    expect(await check(near, { HTTPS_PROXY, NO_PROXY: '<-loopback>' })).toMatchObject(read);
    expect(proxy.tunnels).toHaveLength(1);
  });

  test('does not hide a certificate that is wrong', async () => {
    const port = await startTlsAtlas(authority.issue('DNS:other.example'));
    const proxy = await startConnectProxy(() => ({ to: port }));
    expect(await check(`https://atlas.invalid:${port}`, { HTTPS_PROXY: proxy.url })).toMatchObject({
      migration: { error: { errorType: 'tls', detail: expect.stringMatching(/for another host name/) } },
    });
  });

  test.each([407, 403])(
    'that answers %d is a fault of the network, and its password is not shown',
    async (status) => {
      const { far, proxy } = await startProxy(() => ({ status }));
      const result = await check(far, { HTTPS_PROXY: proxy.url.replace('//', '//me:s3cr3t@') });
      expect(result).toMatchObject({
        code: 69,
        migration: {
          error: {
            errorType: 'network',
            detail: expect.stringContaining(`HTTP ${status}`),
            remedy: expect.stringContaining('HTTPS_PROXY'),
          },
        },
      });
      expect(result.output).not.toMatch(/s3cr3t|bWU6czNjcjN0/);
    },
  );

  test('that is not an address is a bad configuration, whose password is not shown', async () => {
    const result = await check('https://atlas.invalid', { HTTPS_PROXY: 'socks5://me:s3cr3t@proxy.example' });
    expect(result).toMatchObject({ code: 78 });
    expect(result.output).toMatch(/^The environment variable HTTPS_PROXY is not the address of a proxy /);
    expect(result.output).not.toContain('s3cr3t');
  });
});
