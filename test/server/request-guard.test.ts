import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { isHostName } from '../../src/config/address-schemas.ts';
import { HttpError } from '../../src/server/reply.ts';
import { checkRequest } from '../../src/server/request-guard.ts';
import { unknownHost } from '../../src/server/unknown-host.ts';
import { serve } from './served.ts';

const loopback = { listen: '127.0.0.1', allowed: [] };
const everywhere = { listen: '0.0.0.0', allowed: ['watch.example.com'] };

/** Returns the status of the refusal; undefined where there is none. */
function statusFor(
  host: string | undefined,
  known: { listen: string; allowed: string[] },
  method = 'GET',
): number | undefined {
  try {
    checkRequest({ method, headersDistinct: host === undefined ? {} : { host: [host] } }, known);
    return undefined;
  } catch (error) {
    return error instanceof HttpError ? error.status : undefined;
  }
}

test.each([
  ['127.0.0.1:9464', loopback],
  ['127.8.9.1', loopback],
  ['localhost:9464', loopback],
  ['LocalHost.', loopback],
  ['[::1]:9464', loopback],
  ['watcher:9464', { listen: 'Watcher', allowed: [] }],
  ['[fd00::1]:9464', { listen: 'FD00::1', allowed: [] }],
  ['watch.example.com', { listen: '127.0.0.1', allowed: ['watch.example.com'] }],
  ['Watch.Example.com:80', everywhere],
  ['10.1.2.3:9464', everywhere],
  ['[fe80::1]:9464', { listen: '::', allowed: [] }],
  // Every browser sends it; health checks over HTTP/1.0 may not.
  [undefined, loopback],
])('answers a request for the host %s', (host, known) => {
  expect(statusFor(host, known)).toBeUndefined();
});

test.each([
  ['evil.example', loopback],
  ['evil.example:9464', everywhere],
  ['127.0.0.1.evil.example', loopback],
  ['127.999.999.999', loopback],
  ['localhost.evil.example', loopback],
  ['10.1.2.3', loopback],
  ['watch.example.com.evil.example', everywhere],
  ['', loopback],
  ['[::1', loopback],
  ['127.0.0.1:9464:1', loopback],
])('refuses a request for the host %s', (host, known) => {
  expect(statusFor(host, known)).toBe(403);
});

test('answers GET and HEAD alone', () => {
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'];
  expect(methods.map((method) => statusFor('localhost', loopback, method))).toEqual([
    undefined,
    undefined,
    405,
    405,
    405,
    405,
  ]);
});

const page = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

test('a browser that asks for an unknown host gets a page with its name and the two lines to configure', async () => {
  const { ask } = await serve();
  const headers = { ...page, host: 'Status.Corp.example:9464' };
  for (const path of ['/', '/api/migrations', '/nothing']) {
    const { status, headers: sent, body } = await ask(path, { headers });
    expect(status).toBe(403);
    expect(sent).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    expect(body).toContain('Your browser asked for <bdi>&#34;status.corp.example&#34;</bdi>.');
    expect(body).toContain('<pre>http:\n  allowedHosts: [&#34;status.corp.example&#34;]</pre>');
    expect(body).not.toMatch(/<script|<style|style=|\son\w+=|src=|href=/);
  }
});

test('others get JSON with the name', async () => {
  const { ask } = await serve();
  const { headers, json } = await ask('/', { headers: { host: 'status.corp.example' } });
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(json()).toEqual({
    error:
      'The Host header names "status.corp.example", and this server does not answer to that name. Add "status.corp.example" to http.allowedHosts, or use the address of the server.',
  });
});

test('the lines to configure are valid for whatever name they show', () => {
  for (const host of ['123', 'null', 'true', '10.1.2.3', 'prod_1', '_x.y-z']) {
    const html = unknownHost(host).html ?? '';
    const lines = /<pre>(.*)<\/pre>/s.exec(html)?.[1]?.replaceAll('&#34;', '"');
    expect(parse(lines ?? '')).toEqual({ http: { allowedHosts: [host] } });
    expect(isHostName(host)).toBe(true);
  }
});

test.each([
  ['markup', '<img src=x onerror=alert(1)>&"\'', /&#60;img src=x onerror=alert\(1\)&#62;&#38;/],
  ['a direction', 'a\u202egnp.exe', /a\\u202egnp\.exe/],
  ['a name without end', 'x'.repeat(7_000), /^.{0,1300}$/s],
  ['nothing', '', /&#34;&#34;/],
])('%s in a Host header is shown as text, and no name to configure', (_, host, shown) => {
  const { html = '', message } = unknownHost(host);
  expect(html).toMatch(shown);
  expect(html).not.toMatch(/<img|\u202e/);
  expect(html).toContain('allowedHosts: [&#34;watch.example.com&#34;]');
  expect(message.length).toBeLessThan(500);
  expect(message).toMatch(/Use a name in http\.allowedHosts/);
});
