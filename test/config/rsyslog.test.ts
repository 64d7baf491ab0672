import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../e2e/program.ts';
import { freePort } from '../free-port.ts';

const read = (name: string) =>
  readFileSync(new URL(`../../config/log-shipping/${name}`, import.meta.url), 'utf8');
const rsyslogd = '/usr/sbin/rsyslogd';
const logrotate = '/usr/sbin/logrotate';
const isMissing = !existsSync(rsyslogd) || !existsSync(logrotate) || process.getuid?.() !== 0;
const patience = { interval: 20 };

/** The snippet with its commented parts in use: a # with no space behind it, or with the indentation of an action. */
function withAll(snippet: string): string {
  return snippet.replace(/^( *)#(?=\S| {2,}[\w.]+[=(])/gm, '$1');
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A remote that takes syslog messages with their lengths in front (RFC 6587). */
async function startRemote() {
  let bytes = Buffer.alloc(0);
  const server = createServer((socket) => {
    socket.on('data', (data) => {
      bytes = Buffer.concat([bytes, data]);
    });
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
  });
  const port = await listen(server);
  return {
    port,
    messages(): string[] {
      const found: string[] = [];
      for (let at = 0; at < bytes.length; ) {
        const space = bytes.indexOf(' ', at);
        const end = space + 1 + Number(bytes.toString('latin1', at, space));
        if (space < 0 || end > bytes.length) break;
        found.push(bytes.toString('utf8', space + 1, end));
        at = end;
      }
      return found;
    },
  };
}

/** rsyslog with all of the shipped snippet, its mail going nowhere, fed by TCP; it may become another user. */
async function startRsyslog(folder: string, remotePort: number, user?: string) {
  const port = await freePort();
  const file = join(folder, 'events/events.jsonl');
  const snippet = withAll(read('rsyslog.conf'))
    .replaceAll('/var/log/cutover-watch/events.jsonl', file)
    .replace('logs.example.com', '127.0.0.1')
    .replace('port="514"', `port="${remotePort}"`)
    .replace('mail.example.com', '127.0.0.1')
    .replace('port="25"', `port="${await freePort()}"`);
  const conf = join(folder, 'rsyslog.conf');
  const input = `module(load="imtcp")\ninput(type="imtcp" address="127.0.0.1" port="${port}")`;
  const rest = `*.* action(type="omfile" file="${join(folder, 'rest')}")`;
  const become = user === undefined ? '' : `$PrivDropToUser ${user}\n$PrivDropToGroup adm\n`;
  writeFileSync(conf, `${become}global(workDirectory="${folder}")\n${input}\n${snippet}\n${rest}\n`);
  const pidFile = join(folder, 'pid');
  const daemon = spawn(rsyslogd, ['-n', '-f', conf, '-i', pidFile], { stdio: 'ignore' });
  const ended = new Promise((resolve) => void daemon.once('close', resolve));
  onTestFinished(async () => {
    daemon.kill('SIGTERM');
    await ended;
  });
  await expect.poll(() => connects(port), patience).toBe(true);
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const log = (tag: string, text: string) => socket.write(`<30>Nov 24 02:31:52 vm ${tag}[12]: ${text}\n`);
  return { file, log, pidFile };
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function eventLine(n: number, level: string, bytes = 0): string {
  const line = {
    level,
    time: '2026-11-24T02:31:52.028Z',
    event: 'migration.cutover_deadline_near',
    n,
    pad: '',
  };
  return JSON.stringify({ ...line, pad: 'x'.repeat(Math.max(0, bytes - JSON.stringify(line).length)) });
}

test.skipIf(isMissing)(
  'rsyslog finds no fault with the snippet, as it is and with all that is commented out (skipped without rsyslog, logrotate or root)',
  () => {
    for (const snippet of [read('rsyslog.conf'), withAll(read('rsyslog.conf'))]) {
      const conf = join(temporaryFolder(), 'rsyslog.conf');
      writeFileSync(conf, snippet);
      const { status, stderr } = spawnSync(rsyslogd, ['-N1', '-f', conf], { encoding: 'utf8' });
      expect(
        { status, faults: stderr.split('\n').filter((line) => /error|warn/i.test(line)) },
        snippet,
      ).toEqual({
        status: 0,
        faults: [],
      });
    }
    expect(withAll(read('rsyslog.conf')).match(/^ +action\(type="om\w+"/gm)).toHaveLength(3);
  },
);

test.skipIf(isMissing).each([
  { as: 'root', user: undefined, uid: 0 },
  // As Ubuntu has it, with its user syslog.
  { as: 'another user', user: 'nobody', uid: 65_534 },
])(
  'every line comes to the file as it was and to the remote, whatever is rotated, with rsyslog as $as (skipped without rsyslog, logrotate or root)',
  async ({ user, uid }) => {
    const folder = temporaryFolder();
    chownSync(folder, uid, 0);
    const remote = await startRemote();
    const { file, log, pidFile } = await startRsyslog(folder, remote.port, user);
    const rotation = join(folder, 'logrotate.conf');
    writeFileSync(
      rotation,
      read('rsyslog-logrotate.conf')
        .replace('/var/log/cutover-watch/events.jsonl', file)
        .replace('systemctl kill -s HUP rsyslog.service', `kill -HUP $(cat ${pidFile})`),
    );
    const folderOfEvents = join(folder, 'events');
    const lines = () =>
      readdirSync(folderOfEvents)
        .flatMap((name) => {
          const bytes = readFileSync(join(folderOfEvents, name));
          return String(name.endsWith('.gz') ? gunzipSync(bytes) : bytes).split('\n');
        })
        .filter((line) => line !== '')
        .toSorted();

    const sent: string[] = [];
    const send = (line: string): void => {
      sent.push(line);
      log('cutover-watch', line);
    };
    for (const level of ['info', 'warn', 'error', 'debug']) send(eventLine(sent.length, level));
    send(eventLine(sent.length, 'info', 8191));
    log('cutover-watch', 'Something is wrong with the configuration.');
    log('another', '{"level":"info"}');
    for (let rotated = 0; rotated < 3; rotated += 1) {
      for (let n = 0; n < 200; n += 1) send(eventLine(sent.length, 'info'));
      await expect.poll(() => existsSync(file) && statSync(file).size > 0, patience).toBe(true);
      const { status, stderr } = spawnSync(logrotate, ['-f', '-s', join(folder, 'rotated'), rotation], {
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      expect(status).toBe(0);
    }
    send(eventLine(sent.length, 'info'));

    await expect.poll(() => lines().length, patience).toBe(sent.length);
    expect(lines()).toEqual([...sent].toSorted());
    expect(readdirSync(folderOfEvents)).toContain('events.jsonl.2.gz');
    const adm = Number(/^adm:[^:]*:(\d+):/m.exec(readFileSync('/etc/group', 'utf8'))?.[1]);
    for (const name of readdirSync(folderOfEvents)) {
      const { uid: owner, gid, mode } = statSync(join(folderOfEvents, name));
      expect([name, owner, gid, mode & 0o777]).toEqual([name, uid, adm, 0o640]);
    }
    await expect.poll(() => remote.messages().length, patience).toBe(sent.length);
    const heads = remote.messages().map((message) => message.split(' ').slice(0, 2).join(' '));
    expect(heads.slice(0, 4)).toEqual([30, 28, 27, 31].map((pri) => `<${pri}>1 2026-11-24T02:31:52.028Z`));
    const [, , , , longest = ''] = remote.messages();
    expect(longest.replace(sent[4] ?? '', '')).toMatch(
      / cutover-watch 12 migration\.cutover_deadline_near - $/,
    );
    const rest = readFileSync(join(folder, 'rest'), 'utf8');
    expect(rest).toContain('Something is wrong');
    expect(rest).toContain('another');
  },
);
