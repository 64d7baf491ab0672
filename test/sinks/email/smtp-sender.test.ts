import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { connectionOf } from '../../../src/sinks/email/smtp-sender.ts';
import { listenOn, never } from '../../atlas/connect.ts';
import { createAuthority } from '../../atlas/private-authority.ts';
import { sampledAt, sampleEvent } from '../../events/sample-events.ts';
import { openSender, sinkSettings } from '../receivers.ts';
import { partsOf, refusal, startSmtpReceiver } from './smtp-receiver.ts';

const record = sampleEvent('migration.ready_for_cutover');
const known = { now: sampledAt, title: 'prod' };
const password = 'mail-passw0rd';

function emailTo(port: number, changes: Parameters<typeof sinkSettings<'email'>>[1] = {}) {
  return openSender(sinkSettings('email', { url: `smtp://127.0.0.1:${port}`, ...changes }));
}

test('a mail server gets one plain message to all recipients, with the deadline attached', async () => {
  const { port, received } = await startSmtpReceiver();
  const to = ['dba@example.com', 'DBA on call <oncall@example.com>'];
  expect(await emailTo(port, { to }).send(record, known, never)).toEqual({
    result: 'delivered',
    answer: expect.stringMatching(/^SMTP 250/),
    remedy: '',
    status: 250,
  });
  const [mail] = received;
  if (mail === undefined) throw new Error('nothing came');
  expect(mail).toMatchObject({ from: 'watch@example.com', to: ['dba@example.com', 'oncall@example.com'] });
  const [whole, text, calendar] = partsOf(mail.raw);
  expect(whole.headers).toMatchObject({
    from: 'Cutover watch <watch@example.com>',
    to: 'dba@example.com, DBA on call <oncall@example.com>',
    subject: '[prod] orders is ready for cutover',
    date: 'Mon, 23 Nov 2026 23:00:00 +0000',
    'message-id': '<0123456789abcdef0123456789abcdef@example.com>',
    'auto-submitted': 'auto-generated',
  });
  expect(text?.headers['content-type']).toMatch(/^text\/plain/);
  expect(text?.text).toContain('Cut over within 5 d');
  expect(calendar?.headers).toMatchObject({
    'content-type': expect.stringMatching(/^text\/calendar; charset=utf-8; method=PUBLISH/),
    'content-disposition': 'attachment; filename=deadline.ics',
  });
  expect(calendar?.text).toMatch(/^BEGIN:VCALENDAR\r\n[\s\S]*\r\nDTSTART:20261128T230000Z\r\n/);
});

test('an event without a deadline is text alone', async () => {
  const { port, received } = await startSmtpReceiver();
  await emailTo(port).send(sampleEvent('migration.completed'), known, never);
  expect(partsOf(received[0]?.raw ?? '')).toHaveLength(1);
});

test('a name cannot add a header, a recipient or a part', async () => {
  const { port, received } = await startSmtpReceiver();
  const migration = 'a\r\nBcc: evil@example.com\r\n\r\n.\r\nRCPT TO:<evil@example.com> 😀 \u202Eabc';
  const hostile = sampleEvent('migration.ready_for_cutover', { migration, labels: { 'x\r\ny': '\n.\n' } });
  await emailTo(port).send(hostile, { now: sampledAt, title: 'p\r\nCc: evil@example.com' }, never);
  expect(received.map(({ to }) => to)).toEqual([['dba@example.com']]);
  const [whole, text, calendar] = partsOf(received[0]?.raw ?? '');
  expect(Object.keys(whole.headers).toSorted()).toEqual([
    'auto-submitted',
    'content-type',
    'date',
    'from',
    'message-id',
    'mime-version',
    'subject',
    'to',
  ]);
  expect(whole.headers.subject).toContain('😀');
  expect(text?.text).not.toMatch(/^(Bcc|RCPT)/m);
  expect(calendar?.text).not.toMatch(/^(Bcc|RCPT)/m);
});

describe('what the server answers', () => {
  test.each([
    { at: 'onAuth', code: 535, result: 'refused', remedy: /passwordFile/ },
    { at: 'onAuth', code: 454, result: 'failed', remedy: /Wait/ },
    { at: 'onMailFrom', code: 530, result: 'refused', remedy: /passwordFile/ },
    { at: 'onMailFrom', code: 553, result: 'refused', remedy: /from and to/ },
    { at: 'onRcptTo', code: 550, result: 'refused', remedy: /from and to/ },
    { at: 'onRcptTo', code: 450, result: 'failed', remedy: /Wait/ },
    { at: 'onRcptTo', code: 552, result: 'refused', remedy: /from and to/ },
    { at: 'onRcptTo', code: 554, result: 'refused', remedy: /lets this machine send/ },
    { at: 'onConnect', code: 554, result: 'refused', remedy: /lets this machine send/ },
    { at: 'onMailFrom', code: 554, result: 'refused', remedy: /lets this machine send/ },
    { at: 'onMailFrom', code: 552, result: 'rejected', remedy: /the next ones are sent/ },
    { at: 'onData', code: 552, result: 'rejected', remedy: /the next ones are sent/ },
    { at: 'onData', code: 554, result: 'rejected', remedy: /the next ones are sent/ },
    { at: 'onData', code: 451, result: 'failed', remedy: /Wait/ },
    { at: 'onConnect', code: 421, result: 'failed', remedy: /Wait/ },
  ])('$code at $at is $result', async ({ at, code, result, remedy }) => {
    const { port } = await startSmtpReceiver({
      [at]: (...given: unknown[]) => {
        const [stream] = given;
        if (at === 'onData') (stream as NodeJS.ReadableStream).resume();
        (given.at(-1) as (error: Error) => void)(refusal(code, `No ${password} today`));
      },
    });
    const sender = emailTo(port, { password, url: `smtp://watch@127.0.0.1:${port}` });
    const outcome = await sender.send(record, known, never);
    expect(outcome).toMatchObject({ result, status: code, remedy: expect.stringMatching(remedy) });
    expect(outcome.answer).toMatch(new RegExp(`^SMTP ${code}`));
    expect(outcome.answer).not.toContain(password);
  });

  test('a refusal of some recipients does not keep the others waiting, and is said', async () => {
    const { port, received } = await startSmtpReceiver({
      onRcptTo: ({ address }, _session, callback) =>
        callback(address.startsWith('gone') ? refusal(550, 'No such user') : null),
    });
    const to = ['dba@example.com', 'gone@example.com'];
    expect(await emailTo(port, { to }).send(record, known, never)).toMatchObject({
      result: 'delivered',
      answer: expect.stringMatching(/^SMTP 250 .*, but not for gone@example\.com$/),
      remedy: 'Check these addresses under to.',
    });
    expect(received).toHaveLength(1);
  });
});

/** How a connection to this address is encrypted. */
function encryption(url: string) {
  const { secure, requireTLS, tls } = connectionOf(new URL(url), sinkSettings('email', { password }));
  return { secure, requireTLS, checked: tls.rejectUnauthorized };
}

describe('a password', () => {
  test('signs the user of the address in, over STARTTLS where it is offered', async () => {
    const { port, received } = await startSmtpReceiver(createAuthority().issue('DNS:localhost'));
    await emailTo(port, { password, url: `smtp://w%40tch@127.0.0.1:${port}` }).send(record, known, never);
    expect(received).toMatchObject([{ user: `w@tch:${password}`, secure: true }]);
  });

  test('goes unencrypted to this machine alone', () => {
    const optional = { secure: false, requireTLS: false, checked: false };
    const required = { secure: false, requireTLS: true, checked: true };
    const always = { secure: true, requireTLS: true, checked: true };
    expect(encryption('smtp://w@localhost')).toEqual(optional);
    expect(encryption('smtp://w@[::1]:25')).toEqual(optional);
    expect(encryption('smtp://w@mail.example.com:587')).toEqual(required);
    expect(encryption('smtp://w@localhost.example.com')).toEqual(required);
    expect(connectionOf(new URL('smtp://mail.example.com'), sinkSettings('email'))).toMatchObject({
      requireTLS: false,
      host: 'mail.example.com',
    });
    expect(encryption('smtps://w@127.0.0.1')).toEqual(always);
  });
});

describe('without a reply, a message has failed', () => {
  test('at a host that does not exist', async () => {
    const sender = openSender(sinkSettings('email', { url: 'smtp://no-such-host.invalid' }));
    expect(await sender.send(record, known, never)).toMatchObject({
      result: 'failed',
      answer: expect.stringMatching(/^The host name no-such-host\.invalid could not be looked up/),
    });
  });

  test('at a port where nothing listens', async () => {
    const server = createServer();
    const port = await listenOn(server);
    server.close();
    expect(await emailTo(port).send(record, known, never)).toMatchObject({
      result: 'failed',
      answer: `The connection to 127.0.0.1:${port} failed (ECONNREFUSED)`,
    });
  });

  test('at a server that says nothing', async () => {
    const port = await listenOn(createServer());
    expect(await emailTo(port, { timeout: 200 }).send(record, known, never)).toMatchObject({
      result: 'failed',
      answer: `127.0.0.1:${port} did not answer in time`,
    });
  });

  test('at a server that speaks something else', async () => {
    const port = await listenOn(createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    expect(await emailTo(port).send(record, known, never)).toMatchObject({ result: 'failed' });
  });

  test('at a server whose certificate nobody vouches for', async () => {
    const { port } = await startSmtpReceiver({ secure: true, ...createAuthority().issue('IP:127.0.0.1') });
    const outcome = await emailTo(port, { url: `smtps://127.0.0.1:${port}` }).send(record, known, never);
    expect(outcome).toMatchObject({
      result: 'failed',
      answer: expect.stringMatching(/^The certificate of 127\.0\.0\.1:\d+ is not trusted/),
      remedy: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
  });

  test('when the watcher stops', async () => {
    const { promise: arrived, resolve } = Promise.withResolvers<void>();
    const port = await listenOn(createServer(() => resolve()));
    const sender = emailTo(port);
    const sending = sender.send(record, known, never);
    await arrived;
    await sender.close();
    expect(await sending).toMatchObject({ result: 'failed', answer: 'the watcher stopped' });
  });
});
