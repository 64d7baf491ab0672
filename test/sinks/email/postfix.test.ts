import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { never } from '../../atlas/connect.ts';
import { selfSigned } from '../../atlas/self-signed.ts';
import { sampledAt, sampleEvent } from '../../events/sample-events.ts';
import { freePort } from '../../free-port.ts';
import { openSender, sinkSettings } from '../receivers.ts';
import { partsOf } from './smtp-receiver.ts';

const programs = '/usr/lib/postfix/sbin';
const isMissing = !existsSync(`${programs}/master`) || process.getuid?.() !== 0;

/** Only what takes a message and puts it into a folder. */
const services = [
  'cleanup unix n - n - 0 cleanup',
  'qmgr unix n - n 300 1 qmgr',
  'rewrite unix - - n - - trivial-rewrite',
  ...['bounce', 'defer', 'trace'].map((name) => `${name} unix - - n - 0 bounce`),
  'proxymap unix - - n - - proxymap',
  'virtual unix - n n - - virtual',
  ...['error', 'retry'].map((name) => `${name} unix - - n - - error`),
  'anvil unix - - n - 1 anvil',
  'tlsmgr unix - - n 1000 1 tlsmgr',
  'postlog unix-dgram n - n - 1 postlogd',
];

function idOf(user: string): number {
  return Number(execFileSync('id', ['-u', user], { encoding: 'utf8' }));
}

/** Starts a Postfix with everything in a folder of its own, until the end of the test. It knows dba@example.com. */
async function startPostfix() {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-watch-postfix-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string): string => join(folder, name);
  // Its programs run as other users.
  chmodSync(folder, 0o755);
  for (const name of ['etc', 'queue', 'data', 'mail']) mkdirSync(at(name));
  chownSync(at('data'), idOf('postfix'), 0);
  chownSync(at('mail'), 65_534, 65_534);
  const port = await freePort();
  const { key, cert } = selfSigned();
  writeFileSync(at('tls.pem'), key + cert, { mode: 0o600 });
  const settings = {
    compatibility_level: '3.6',
    queue_directory: at('queue'),
    data_directory: at('data'),
    daemon_directory: programs,
    myhostname: 'mail.example.com',
    mydestination: '',
    mynetworks: '127.0.0.0/8',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    alias_maps: '',
    smtpd_relay_restrictions: 'permit_mynetworks, reject',
    smtpd_tls_chain_files: at('tls.pem'),
    smtpd_tls_security_level: 'may',
    smtpd_tls_received_header: 'yes',
    virtual_mailbox_domains: 'example.com',
    virtual_mailbox_base: at('mail'),
    virtual_mailbox_maps: 'inline:{ dba@example.com=dba/ }',
    virtual_uid_maps: 'static:65534',
    virtual_gid_maps: 'static:65534',
    maillog_file: at('log'),
    maillog_file_prefixes: folder,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  writeFileSync(at('etc/main.cf'), `${lines.join('\n')}\n`);
  writeFileSync(at('etc/master.cf'), `127.0.0.1:${port} inet n - n - - smtpd\n${services.join('\n')}\n`);
  const postfix = (command: string) => promisify(execFile)('postfix', ['-c', at('etc'), command]);
  await postfix('start');
  onTestFinished(async () => void (await postfix('stop')));
  await expect.poll(() => accepts(port)).toBe(true);
  const mailbox = at('mail/dba/new');
  return {
    url: `smtp://127.0.0.1:${port}`,
    read: () =>
      (existsSync(mailbox) ? readdirSync(mailbox) : []).map((name) =>
        readFileSync(join(mailbox, name), 'latin1'),
      ),
  };
}

async function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

test.skipIf(isMissing)(
  'Postfix delivers a message, and refuses a recipient it does not know (skipped where postfix is not installed, or not as root)',
  async () => {
    const { url, read } = await startPostfix();
    const record = sampleEvent('migration.ready_for_cutover', { migration: 'Größe 😀' });
    const known = { now: sampledAt, title: 'prod' };
    const settings = sinkSettings('email', { url, to: ['dba@example.com', 'gone@example.com'] });
    const outcome = await openSender(settings).send(record, known, never);
    expect(outcome).toMatchObject({ result: 'delivered', status: 250 });
    expect(outcome.answer).toMatch(/^SMTP 250 2\.0\.0 Ok: queued as \w+, but not for gone@example\.com$/);

    await expect.poll(read).toHaveLength(1);
    const [whole, text, calendar] = partsOf((read()[0] ?? '').replaceAll(/\r?\n/g, '\r\n'));
    expect(whole.headers).toMatchObject({
      'delivered-to': 'dba@example.com',
      'message-id': '<0123456789abcdef0123456789abcdef@example.com>',
      subject: '[prod] Größe 😀 is ready for cutover',
      received: expect.stringContaining('using TLSv1.3'),
    });
    expect(text?.text).toContain('Größe 😀 is ready for cutover.');
    expect(calendar?.text).toContain('SUMMARY:Deadline: cut over Größe 😀');

    const alone = sinkSettings('email', { url, to: ['gone@example.com'] });
    expect(await openSender(alone).send(record, known, never)).toMatchObject({
      result: 'refused',
      status: 550,
      answer: expect.stringContaining('User unknown'),
      remedy: 'Check the addresses under from and to, and whether the server lets this machine send.',
    });
  },
);
