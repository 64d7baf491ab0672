import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { catalogue, type EventName } from '../../src/events/catalogue.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { lineSchema } from '../../src/events/json-schema.ts';

export const main = new URL('../../dist/main.js', import.meta.url).pathname;

/** Most of what starting the program takes is compiling it, so runs share that. */
export const compileCache = new URL('../../node_modules/.cache/cutover-watch', import.meta.url).pathname;

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The built program, running as users run it. */
export interface Program {
  readonly events: readonly EventRecord[];
  readonly stdout: string;
  readonly stderr: string;
  readonly child: ChildProcess;
  readonly ended: Promise<Ending>;
  /** Resolves with the first event, past or to come, that matches; rejects when the program ends without one. */
  until(matches: (event: EventRecord) => boolean): Promise<EventRecord>;
  /** Sends a signal and resolves with how the program ended and how long that took, in ms. */
  end(signal?: NodeJS.Signals): Promise<Ending & { readonly elapsedMs: number }>;
}

export const apiKey = { publicKey: 'abcdefgh', privateKey: '01234567-89ab-4cde-8f01-23456789abcd' } as const;

/** A folder of the test's own, gone with it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-watch-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Writes a configuration into a folder and returns its path; there is no HTTP server unless it says so, as several
 * programs run at once. JSON is YAML too.
 */
export function writeConfig(folder: string, config: object): string {
  const path = join(folder, 'cutover-watch.yaml');
  const text = JSON.stringify({
    state: { path: join(folder, 'state.db') },
    http: { listen: false },
    ...config,
  });
  // A running program that looks at it meanwhile must not find half of it.
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
  return path;
}

/** Starts the built program; all events that it writes must be lines of the catalogue. */
export function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = keyInEnvironment(),
  script: string = main,
): Program {
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env.PATH, HOME: '/nonexistent', NODE_COMPILE_CACHE: compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const events: EventRecord[] = [];
  const waiting = new Set<() => void>();
  let stdout = '';
  let stderr = '';
  let unread = '';
  let over = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    const lines = (unread + text).split('\n');
    unread = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{"level"')) events.push(parseEvent(line));
    for (const look of waiting) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ending>((resolve) => {
    child.once('close', (code, signal) => {
      over = true;
      for (const look of waiting) look();
      resolve({ code, signal });
    });
  });
  return {
    events,
    child,
    ended,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    until: (matches) =>
      new Promise((resolve, reject) => {
        let seen = 0;
        const look = (): void => {
          const found = events.slice(seen).find(matches);
          seen = events.length;
          if (found === undefined && !over) return;
          waiting.delete(look);
          if (found !== undefined) resolve(found);
          else reject(new Error(`The program ended without the event.\n${stdout}\n${stderr}`));
        };
        waiting.add(look);
        look();
      }),
    async end(signal = 'SIGTERM') {
      const asked = performance.now();
      child.kill(signal);
      return { ...(await ended), elapsedMs: performance.now() - asked };
    },
  };
}

/** Runs the built program to its end. */
export async function runToEnd(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
  script?: string,
) {
  const program = start(args, env, script);
  const { code } = await program.ended;
  return { code, stdout: program.stdout, stderr: program.stderr, events: program.events };
}

export function keyInEnvironment(
  key: { publicKey: string; privateKey: string } = apiKey,
): Record<string, string> {
  return { MONGODB_ATLAS_PUBLIC_API_KEY: key.publicKey, MONGODB_ATLAS_PRIVATE_API_KEY: key.privateKey };
}

/** Returns the names of the events about migrations themselves, in their order. */
export function migrationEvents(events: readonly EventRecord[]): string[] {
  return events.map(({ event }) => event).filter((event) => event.startsWith('migration.'));
}

function parseEvent(line: string): EventRecord {
  const record = JSON.parse(line) as EventRecord;
  if (!isEventName(record.event)) throw new Error(`Not an event of the catalogue: ${line}`);
  if (Buffer.byteLength(line) >= 8192) throw new Error(`A line of ${Buffer.byteLength(line)} bytes: ${line}`);
  schemaOf(record.event).parse(record);
  return record;
}

const schemas = new Map<EventName, ReturnType<typeof lineSchema>>();

/** Returns the schema of the lines of an event, made once: that costs far more than to check a line. */
function schemaOf(name: EventName): ReturnType<typeof lineSchema> {
  const known = schemas.get(name) ?? lineSchema(name).strict();
  schemas.set(name, known);
  return known;
}

function isEventName(name: string): name is EventName {
  return Object.hasOwn(catalogue, name);
}
