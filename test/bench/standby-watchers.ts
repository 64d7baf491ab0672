import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { libfaketime } from '../e2e/moved-clock.ts';
import { atlasKey } from './standby-atlas.ts';
import { type Asker, idsOf, nameOf } from './standby-course.ts';

/** A line that a watcher has written. */
export interface WrittenLine {
  /** When it came, in ms since 1970. */
  readonly at: number;
  readonly event: string;
  readonly record: Readonly<Record<string, unknown>>;
}

/** One life of a watcher, from its start to its end. */
export interface Run {
  /** As the database knows it. */
  readonly name: string;
  readonly asker: Asker;
  readonly startedAt: number;
  readonly lines: WrittenLine[];
  /** When it ended, in ms since 1970, and how. */
  endedAt?: number;
  ending?: string;
  stderr: string;
}

export interface WatcherOptions {
  readonly asker: Asker;
  readonly folder: string;
  readonly migrations: number;
  readonly atlasUrl: string;
  /** What runs it in a network of its own: the first words of its command. */
  readonly within?: readonly string[] | undefined;
  /** Whether its wall clock can be moved, where libfaketime is installed. */
  readonly movableClock: boolean;
  /** The state, as the configuration has it, for the run of this name. */
  readonly state: (run: string) => object;
  readonly onLine?: (line: WrittenLine, run: Run) => void;
}

/** The pause of a supervisor before it starts a program again, in ms. */
const restartMs = 1_000;

const main = new URL('../../dist/main.js', import.meta.url).pathname;
const compileCache = new URL('../../node_modules/.cache/cutover-watch', import.meta.url).pathname;

/** A watcher that is started, killed and suspended again and again. */
export class TrialWatcher {
  readonly asker: Asker;
  readonly runs: Run[] = [];
  readonly #options: WatcherOptions;
  readonly #clock: string;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  /** Whether it is to run: what ends by itself is started again then. */
  #isWanted = false;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.asker = options.asker;
    this.#clock = join(options.folder, `clock-${this.asker}`);
    this.setClock('+0');
  }

  get file(): string {
    return join(this.#options.folder, `${this.asker}.yaml`);
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get run(): Run | undefined {
    return this.isRunning ? this.runs.at(-1) : undefined;
  }

  /** What the present run has said last of its role: `active`, `standby` or `fenced`. */
  get role(): string | undefined {
    const line = this.run?.lines.findLast(({ event }) => /^watcher\.(?:active|standby|fenced)$/.test(event));
    return line?.event.slice('watcher.'.length);
  }

  /** The epoch of the lease that the present run has taken last. */
  get epoch(): number {
    const line = this.run?.lines.findLast(({ event }) => event === 'watcher.active');
    return Number(line?.record.epoch ?? 0);
  }

  /** The address of its HTTP server, once it has said so. */
  get origin(): string | undefined {
    for (const { record } of this.run?.lines ?? [])
      if (typeof record.httpAddress === 'string') return record.httpAddress;
    return undefined;
  }

  /** Starts it, and starts it again whenever it ends by itself, as a supervisor does. */
  start(): void {
    this.#isWanted = true;
    if (this.isRunning) return;
    const { asker, movableClock, within = [], onLine } = this.#options;
    const run: Run = {
      name: `${asker}-${this.runs.length + 1}`,
      asker,
      startedAt: Date.now(),
      lines: [],
      stderr: '',
    };
    this.runs.push(run);
    this.#configure(run.name);
    const [command, ...args] = [...within, process.execPath, main, 'run', '-c', this.file];
    const child = spawn(command, args, {
      env: {
        PATH: process.env.PATH,
        HOME: '/nonexistent',
        NODE_COMPILE_CACHE: compileCache,
        MONGODB_ATLAS_PUBLIC_API_KEY: atlasKey.publicKey,
        MONGODB_ATLAS_PRIVATE_API_KEY: atlasKey.privateKey,
        ...(movableClock &&
          libfaketime !== undefined && {
            LD_PRELOAD: libfaketime,
            FAKETIME_TIMESTAMP_FILE: this.#clock,
            FAKETIME_CACHE_DURATION: '1',
            FAKETIME_DONT_FAKE_MONOTONIC: '1',
            DONT_FAKE_MONOTONIC: '1',
          }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    let unread = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const at = Date.now();
      const whole = (unread + text).split('\n');
      unread = whole.pop() ?? '';
      for (const each of whole) {
        const record = parsed(each);
        if (record === undefined) continue;
        const line = { at, event: String(record.event), record };
        run.lines.push(line);
        onLine?.(line, run);
      }
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      run.stderr = (run.stderr + text).slice(-4_000);
    });
    child.once('exit', (code, signal) => {
      run.endedAt = Date.now();
      run.ending = signal ?? String(code);
      if (this.#child === child) this.#child = undefined;
      if (this.#isWanted) setTimeout(() => this.#isWanted && this.start(), restartMs);
    });
    this.#ended = once(child, 'close');
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** Ends the present run, if there is one. */
  async end(name: NodeJS.Signals): Promise<void> {
    this.#isWanted = false;
    this.signal(name);
    await this.#ended;
  }

  /** Resolves to what its HTTP server answers. */
  async asked(path: string): Promise<string> {
    const [command, ...args] = [...(this.#options.within ?? []), 'curl', '-sf', `${this.origin}${path}`];
    const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 2 ** 26 });
    return stdout;
  }

  /** Sets its wall clock, as "+3600", where that can be moved. */
  setClock(offset: string): void {
    writeFileSync(this.#clock, `${offset}\n`);
  }

  #configure(run: string): void {
    const { atlasUrl, migrations, state } = this.#options;
    const config = {
      atlas: { baseUrl: atlasUrl, requestsPerMinute: 10_000, requestTimeout: '2s', pollTimeout: '5s' },
      retry: { attempts: 2, minDelay: '50ms', maxDelay: '100ms' },
      schedule: { default: '* * * * * *', approaching: '* * * * * *' },
      http: { listen: '127.0.0.1:0' },
      log: { format: 'json' },
      state: state(run),
      migrations: Array.from({ length: migrations }, (_, number) => ({
        name: nameOf(number),
        ...idsOf(number),
      })),
    };
    writeFileSync(this.file, JSON.stringify(config));
  }
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}
