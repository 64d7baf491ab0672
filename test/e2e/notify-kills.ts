import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { startSimulator } from '../../src/simulator/server.ts';
import { freePort } from '../free-port.ts';
import type { ReceivedMessage } from './receiver-process.ts';

export interface KillTrialOptions {
  /** A folder of its own. */
  readonly folder: string;
  readonly migrations: number;
  /** How often the watcher is killed. */
  readonly kills: number;
  /** How often its receivers are, spread over these. */
  readonly receiverKills: number;
  /** How long what is left may take to arrive, in ms. */
  readonly restMs: number;
  readonly onProgress?: (kills: number) => void;
}

export interface KillTrial {
  /** Everything that is not as it must be. */
  readonly problems: readonly string[];
  readonly events: number;
  readonly killedWhileWatching: number;
  /** For each receiver: what it got, and how much of that twice. */
  readonly receivers: readonly {
    readonly sink: string;
    readonly messages: number;
    readonly repeated: number;
  }[];
}

interface LoggedEvent {
  readonly eventId: string;
  readonly sink?: string;
}

const main = new URL('../../dist/main.js', import.meta.url).pathname;
const key = `whsec_${Buffer.from('a key of exactly 32 bytes length').toString('base64')}`;
const credentials = { publicKey: 'abcdefgh', privateKey: '01234567-89ab-4cde-8f01-23456789abcd' };
const groupId = '5f7f5f5f5f5f5f5f5f5f5f5f';
const webhooks = ['first', 'second'];
const lookEveryMs = 100;

/**
 * Kills a watcher, and its receivers, again and again while every poll finds something new, and then compares what
 * arrived with the event log.
 */
export async function runKillTrial(options: KillTrialOptions): Promise<KillTrial> {
  const { folder, migrations, kills, receiverKills, restMs, onProgress } = options;
  let isChanging = true;
  const ids = Array.from({ length: migrations }, (_, n) => n.toString(16).padStart(24, '0'));
  const simulator = await startSimulator({
    credentials,
    migrations: new Map(ids.map((id) => [`${groupId}/${id}`, changing(id, () => isChanging)])),
  });
  const receivers = new Receivers(folder, await freePort(), await freePort());
  const file = writeConfig(folder, simulator.baseUrl, ids, receivers);
  const lines = new Set<string>();
  let killedWhileWatching = 0;
  try {
    await receivers.start();
    for (let kill = 0; kill < kills; kill += 1) {
      const watcher = new Watcher(file, lines);
      // Every third is killed on its way to the first poll; the others at any moment after they have reported one.
      await watcher.reports(kill % 3 === 0 ? 'watcher.started' : 'migration.');
      const killsReceivers = isDue(kill, kills, receiverKills);
      if (killsReceivers) void receivers.kill();
      await delay(Math.random() * 300);
      if (watcher.hasReported('migration.')) killedWhileWatching += 1;
      await watcher.end('SIGKILL');
      // Half of the time, the next watcher finds nobody there.
      if (killsReceivers && kill % 2 === 0) await receivers.start();
      else if (!receivers.areRunning && Math.random() < 0.5) await receivers.start();
      onProgress?.(kill + 1);
    }
    if (!receivers.areRunning) await receivers.start();
    isChanging = false;
    const last = new Watcher(file, lines);
    await arrived(join(folder, 'state.db'), restMs);
    await last.end('SIGTERM');
  } finally {
    await receivers.kill();
    await simulator.close();
  }
  const log = readLog(join(folder, 'state.db'));
  const messages = receivers.messages();
  return {
    problems: problemsOf(log, messages, lines),
    events: log.length,
    killedWhileWatching,
    receivers: [...webhooks, 'mail'].map((sink) => {
      const own = messages.filter((message) => message.sink === sink);
      return { sink, messages: own.length, repeated: own.length - new Set(own.map(({ id }) => id)).size };
    }),
  };
}

/** Every poll sees a status never seen before, and readiness the other way round. */
function changing(id: string, isChanging: () => boolean) {
  let step = 0;
  return () => {
    if (isChanging()) step += 1;
    return { _id: id, status: `STEP_${step}`, readyForCutover: step % 2 === 0 };
  };
}

function isDue(kill: number, kills: number, receiverKills: number): boolean {
  return Math.floor(((kill + 1) * receiverKills) / kills) > Math.floor((kill * receiverKills) / kills);
}

function writeConfig(folder: string, baseUrl: string, ids: readonly string[], receivers: Receivers): string {
  const file = join(folder, 'cutover-watch.yaml');
  const keyFile = join(folder, 'key');
  writeFileSync(keyFile, key, { mode: 0o600 });
  const http = `http://127.0.0.1:${receivers.httpPort}`;
  const config = {
    atlas: { baseUrl, requestsPerMinute: 10_000 },
    schedule: { default: '* * * * * *', approaching: '* * * * * *' },
    http: { listen: false },
    state: { path: join(folder, 'state.db') },
    migrations: ids.map((liveMigrationId, n) => ({ name: `m${n}`, groupId, liveMigrationId })),
    notify: [
      ...webhooks.map((name) => ({ name, type: 'webhook', url: `${http}/${name}`, secretFile: keyFile })),
      {
        name: 'mail',
        type: 'email',
        url: `smtp://127.0.0.1:${receivers.smtpPort}`,
        from: 'watch@example.com',
        to: ['dba@example.com'],
      },
    ],
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

/** The built program, and which events it has written. */
class Watcher {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #output = '';
  #onOutput = (): void => {};

  constructor(file: string, lines: Set<string>) {
    this.#child = spawn(process.execPath, [main, 'run', '-c', file], {
      env: {
        PATH: process.env.PATH,
        MONGODB_ATLAS_PUBLIC_API_KEY: credentials.publicKey,
        MONGODB_ATLAS_PRIVATE_API_KEY: credentials.privateKey,
        NODE_COMPILE_CACHE: new URL('../../node_modules/.cache/cutover-watch', import.meta.url).pathname,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#ended = once(this.#child, 'close');
    let unread = '';
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      const whole = (unread + text).split('\n');
      unread = whole.pop() ?? '';
      for (const line of whole) lines.add(/"eventId":"(.*?)"/.exec(line)?.[1] ?? '');
      this.#onOutput();
    });
  }

  hasReported(event: string): boolean {
    return this.#output.includes(`"event":"${event}`);
  }

  async reports(event: string): Promise<void> {
    const reported = new Promise<void>((resolve) => {
      this.#onOutput = () => {
        if (this.hasReported(event)) resolve();
      };
      this.#onOutput();
    });
    await Promise.race([reported, this.#ended]);
    if (!this.hasReported(event)) throw new Error(`The watcher ended by itself.\n${this.#output}`);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    await this.#ended;
  }
}

/** The receivers, in one process after the other. */
class Receivers {
  readonly httpPort: number;
  readonly smtpPort: number;
  readonly #file: string;
  #child: ChildProcess | undefined;

  constructor(folder: string, httpPort: number, smtpPort: number) {
    this.#file = join(folder, 'received.ndjson');
    this.httpPort = httpPort;
    this.smtpPort = smtpPort;
  }

  get areRunning(): boolean {
    return this.#child !== undefined;
  }

  async start(): Promise<void> {
    const script = new URL('./receiver-process.ts', import.meta.url);
    this.#child = fork(script, [this.#file, String(this.httpPort), String(this.smtpPort), key]);
    await once(this.#child, 'message');
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  messages(): readonly ReceivedMessage[] {
    if (!existsSync(this.#file)) return [];
    const lines = readFileSync(this.#file, 'utf8').split('\n');
    // A kill may cut a line, which was then not answered.
    return lines.flatMap((line) => parsed(line) ?? []);
  }
}

function parsed(line: string): ReceivedMessage | undefined {
  try {
    return JSON.parse(line) as ReceivedMessage;
  } catch {
    return undefined;
  }
}

/** Resolves when every cursor is at the end of the log, or the time is up. */
async function arrived(path: string, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  const behind = 'SELECT count(*) AS count FROM cursor WHERE position < (SELECT max(id) FROM event)';
  while (performance.now() < end) {
    await delay(lookEveryMs);
    const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
    try {
      if (Number(database.prepare(behind).get()?.count) === 0) return;
    } finally {
      database.close();
    }
  }
}

function readLog(path: string): readonly LoggedEvent[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const rows = database.prepare('SELECT record FROM event ORDER BY id').all();
    return rows.map(({ record }) => JSON.parse(String(record)) as LoggedEvent);
  } finally {
    database.close();
  }
}

function problemsOf(
  log: readonly LoggedEvent[],
  messages: readonly ReceivedMessage[],
  lines: ReadonlySet<string>,
): readonly string[] {
  const events = new Map(log.map((event, position) => [event.eventId, { event, position }]));
  const unwritten = log.filter(({ eventId }) => !lines.has(eventId));
  const sinks = [...webhooks, 'mail'].flatMap((sink) => {
    const own = messages.filter((message) => message.sink === sink);
    const known = new Set(own.map(({ id }) => id));
    const got = [...known];
    const missing = log.filter((event) => event.sink !== sink && !known.has(event.eventId));
    const positions = got.map((id) => events.get(id)?.position ?? Number.NaN);
    const disorder = positions.filter((position, index) => !(position > (positions[index - 1] ?? -1)));
    const different = own.filter(({ id, body }) => !isSame(id, body, events.get(id)?.event));
    return [
      problem(missing.length, `of ${log.length} events of the log did not arrive at ${sink}`),
      problem(disorder.length, `arrived at ${sink} out of order, or are not in the log`),
      problem(own.filter(({ isValid }) => !isValid).length, `at ${sink} have a wrong signature`),
      problem(different.length, `at ${sink} differ from the log`),
    ];
  });
  return [problem(unwritten.length, 'events of the log have no line'), ...sinks].filter(
    (text) => text !== '',
  );
}

function problem(count: number, what: string): string {
  return count === 0 ? '' : `${count} ${what}`;
}

/** What is said of a late message is not in the log. */
function isSame(id: string, body: ReceivedMessage['body'], event: LoggedEvent | undefined): boolean {
  if (body === undefined) return true;
  const { delivery: _late, ...data } = body.data;
  return body.id === id && isDeepStrictEqual(data, event);
}
