import { describe, expect, it } from 'vitest';
import type { Environment } from '../../src/config/interpolate.ts';
import { loadConfig } from '../../src/config/load.ts';
import { proxySecrets, readProxy } from '../../src/config/proxy.ts';

const ATLAS = 'https://cloud.mongodb.com';
const PROXY = 'http://proxy.example:3128/';

describe('readProxy', () => {
  it.each<[string, Environment, object | undefined]>([
    ['nothing', {}, undefined],
    ['NO_PROXY alone', { NO_PROXY: '*' }, undefined],
    ['empty ones', { HTTPS_PROXY: '', https_proxy: ' ' }, undefined],
    ['HTTPS_PROXY', { HTTPS_PROXY: PROXY }, { httpProxy: '', httpsProxy: PROXY, noProxy: '' }],
    ['a host and port', { HTTPS_PROXY: 'proxy.example:3128' }, { httpsProxy: PROXY }],
    ['lower case first', { HTTPS_PROXY: 'http://other.example', https_proxy: PROXY }, { httpsProxy: PROXY }],
    ['HTTP_PROXY', { HTTP_PROXY: PROXY }, { httpProxy: PROXY, httpsProxy: '' }],
    ['an https proxy', { HTTPS_PROXY: 'https://p.example' }, { httpsProxy: 'https://p.example/' }],
    [
      'NO_PROXY',
      { HTTPS_PROXY: PROXY, NO_PROXY: 'a.example, .b.example' },
      { noProxy: 'a.example,.b.example' },
    ],
    ['no_proxy first', { HTTPS_PROXY: PROXY, NO_PROXY: 'a', no_proxy: 'b' }, { noProxy: 'b' }],
  ])('understands %s', (_, env, proxy) => {
    const result = readProxy(env, ATLAS);
    expect(result).toMatchObject({ ok: true, ...(proxy === undefined ? {} : { proxy }) });
    if (proxy === undefined) expect(result).toEqual({ ok: true, proxy: undefined });
  });

  it.each(['http://localhost:1', 'https://127.0.0.1:1', 'https://[::1]:1'])(
    'uses none for %s, unless asked to',
    (baseUrl) => {
      expect(readProxy({ HTTPS_PROXY: PROXY, HTTP_PROXY: 'nonsense://' }, baseUrl)).toEqual({
        ok: true,
        proxy: undefined,
      });
      const asked = { HTTPS_PROXY: PROXY, NO_PROXY: '<-loopback>,a.example' };
      expect(readProxy(asked, baseUrl)).toMatchObject({
        proxy: { httpsProxy: PROXY, noProxy: 'a.example' },
      });
    },
  );

  it.each([
    'http://',
    'http://me:s3cr3t@',
    'http://me:s3cr3t@proxy.example:99999',
    'socks5://me:s3cr3t@proxy.example',
    'http://me:s3cr3t@proxy.example/path',
    'http://me:s3cr3t%zz@proxy.example',
    'me:s3cr3t@pro xy',
    'http://me:s3cr3t@pro\txy.example',
    'http://me:s3cr3t@proxy.example\\path',
    'http://me:50%s3cr3t@proxy.example',
    'http://%s3cr3t@proxy.example',
  ])('refuses %s and shows nothing of it', (value) => {
    expect(readProxy({ https_proxy: value }, ATLAS)).toEqual({
      ok: false,
      problems: [
        'The environment variable https_proxy is not the address of a proxy (its value is not shown); write http://host:port or https://host:port, a user name and password percent-encoded before the host, or unset it.',
      ],
    });
  });
});

it('a malformed proxy is a problem beside those of the configuration', async () => {
  const result = await loadConfig({
    file: 'watch.yaml',
    env: { HOME: '/', HTTP_PROXY: 'ftp://me:s3cr3t@x' },
    readFile: async () => 'log: { level: loud }',
  });
  expect(result.ok ? [] : result.problems.map((problem) => problem.slice(0, 40))).toEqual([
    'watch.yaml: migrations is missing; list ',
    'watch.yaml: log.level is "loud"; write o',
    'The environment variable HTTP_PROXY is n',
  ]);
});

it('the secrets of a proxy are its password, as written and as meant, and the login', () => {
  const proxy = { httpProxy: PROXY, httpsProxy: 'http://me:s3%40t@proxy.example:3128/', noProxy: '' };
  expect(proxySecrets(proxy)).toEqual(['s3%40t', 's3@t', 'me:s3@t']);
  expect(proxySecrets(undefined)).toEqual([]);
});
