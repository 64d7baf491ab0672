import { expect, it } from 'vitest';
import { readDaemonAddress } from '../../src/config/daemon-address.ts';
import { httpOrigin, parseListenAddress } from '../../src/config/listen-address.ts';

const read = (text: string, env: Record<string, string> = {}) =>
  readDaemonAddress('watch.yaml', env, () => Promise.resolve(text));

const missing = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOENT' }));

it.each([
  ['migrations: []', { host: '127.0.0.1', port: 9464 }],
  ['http:', { host: '127.0.0.1', port: 9464 }],
  ['http: { listen: "0.0.0.0:80" }', { host: '0.0.0.0', port: 80 }],
  ['http:\n  listen: "[::1]:9465"\n', { host: '::1', port: 9465 }],
  ['http: { listen: "localhost:${PORT}" }', { host: 'localhost', port: 1234 }],
  ['{"http": {"listen": "127.0.0.1:1"}}', { host: '127.0.0.1', port: 1 }],
  // Somebody is in the middle of editing the rest.
  ['http: { listen: "127.0.0.1:2" }\nmigratons: 5\natlas: { auth: no }', { host: '127.0.0.1', port: 2 }],
])('reads where the server listens from %j', async (text, address) => {
  expect(await read(text, { PORT: '1234' })).toMatchObject({ ok: true, address });
});

it.each([
  ['http: { listen: false }', /^watch\.yaml: http\.listen is false, so there is no server to ask\./],
  ['http: { listen: "256.1.1.1:9464" }', /http\.listen is invalid/],
  ['http: { listen: 9464 }', /^watch\.yaml: http\.listen is invalid\. Run cutover-watch validate/],
  ['http: { listen: [a] }', /http\.listen is invalid/],
  ['http: { listen: "${NOT_SET}" }', /http\.listen is invalid/],
  ['http: { listen: "127.0.0.1:0" }', /^watch\.yaml: http\.listen asks for any free port/],
  ['http: [', /^watch\.yaml: line 1, column 8: /],
])('says why the address is unknown from %j', async (text, sentence) => {
  expect(await read(text)).toMatchObject({ ok: false, problems: [expect.stringMatching(sentence)] });
});

it.each([
  ['state: { path: "a.db" }', 'a.db'],
  ['state: { path: "${STATE_DIRECTORY}/b.db" }\nhttp: { listen: false }', '/var/lib/watch/b.db'],
  ['migrations: []', '/var/lib/watch/state.db'],
  ['state: { urlFile: /run/secrets/state-url }', undefined],
  ['http: [', '/var/lib/watch/state.db'],
])('knows where the state is from %j', async (text, statePath) => {
  expect(await read(text, { STATE_DIRECTORY: '/var/lib/watch' })).toMatchObject({ statePath });
});

it.each(['256.1.1.1:9464', '1.2.3:9464', '[1:2]:9464', '[::1', '127.0.0.1', '127.0.0.1:65536'])(
  '%s is no address',
  (text) => {
    expect(parseListenAddress(text)).toBeUndefined();
  },
);

it('says that the file is missing as every command does', async () => {
  expect(await readDaemonAddress('watch.yaml', {}, missing)).toMatchObject({
    ok: false,
    problems: [expect.stringMatching(/^watch\.yaml: there is no such file\./)],
  });
});

it.each(['127.0.0.1:9464', '[::1]:1', 'localhost:80'])('%s is the beginning of a URL', (text) => {
  const address = parseListenAddress(text);
  expect(address && httpOrigin(address)).toBe(`http://${text}`);
});
