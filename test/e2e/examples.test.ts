import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { expect, onTestFinished, test } from 'vitest';
import { allCommands, createProgram, nameOf } from '../../src/cli/program.ts';
import { startReceiver } from '../sinks/receivers.ts';
import { configFor, startAtlas } from './atlas-by-hand.ts';
import { compileCache, keyInEnvironment, main, temporaryFolder } from './program.ts';
import { startServed } from './served-program.ts';

/** Returns the help of a command, as its --help prints it. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

const commands = allCommands(createProgram(() => {})).filter((command) => !command.name().startsWith('_'));

const examples = commands.flatMap((command) =>
  [...helpOf(command).matchAll(/^ {2}\$ (.+)$/gm)].map(
    ([, example = '']) => [nameOf(command), example] as const,
  ),
);

test('every command has an example', () => {
  expect(commands.length).toBeGreaterThan(7);
  const names = commands.map(nameOf);
  expect(names.filter((name) => !examples.some(([command]) => command === name))).toEqual([]);
});

const needRecord: ReadonlySet<string> = new Set([
  'history',
  'report',
  'extend',
  'ack',
  'unack',
  'plan',
  'notify',
  'state backup',
  'state copy',
]);

const recorded = examples.filter(([command]) => needRecord.has(command)).map(([, example]) => example);

/** A folder in which people try the examples: a configuration, and a script for the cutover. */
async function workplace(command: string): Promise<{ folder: string; env: Record<string, string> }> {
  const atlas = await startAtlas();
  // The example of run ends with the migration, the one of wait before its cutover.
  atlas.say(0, command === 'wait' ? { status: 'WORKING', readyForCutover: true } : { status: 'COMPLETE' });
  const folder = temporaryFolder();
  const config = configFor(atlas.simulator.baseUrl);
  const [first] = config.migrations as unknown as readonly object[];
  const usual = { ...config, migrations: [{ ...first, name: 'orders' }], state: { path: 'state.db' } };
  const notify = command === 'notify' ? [{ name: 'on-call', type: 'webhook', url: await takesAll() }] : [];
  const listen = command === 'healthcheck' && new URL((await startServed(config)).origin).host;
  mkdirSync(join(folder, 'config'));
  writeFileSync(
    join(folder, 'config/cutover-watch.yaml'),
    JSON.stringify({ ...usual, notify, http: { listen } }),
  );
  mkdirSync(join(folder, 'bin'));
  script(join(folder, 'bin/cutover-watch'), `exec ${process.execPath} ${main} "$@"`);
  script(join(folder, 'cut-over.sh'), 'true');
  const path = `${folder}/bin:${process.env.PATH}`;
  const env = { ...keyInEnvironment(), HOME: folder, NODE_COMPILE_CACHE: compileCache, PATH: path };
  return { folder, env };
}

async function takesAll(): Promise<string> {
  const { baseUrl } = await startReceiver((response) => response.writeHead(204).end());
  return baseUrl;
}

function script(path: string, line: string): void {
  writeFileSync(path, `#!/bin/sh\n${line}\n`);
  chmodSync(path, 0o755);
}

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

function shell(line: string, folder: string, env: Record<string, string>): [ChildProcess, Promise<Ended>] {
  const child = spawn('/bin/sh', ['-c', line], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return [child, new Promise((resolve) => child.once('close', (code) => resolve({ code, stderr })))];
}

/** It asks questions, which init-terminal.test.ts answers. */
const asking = 'cutover-watch init';

test.each(examples.filter(([command, example]) => example !== asking && !needRecord.has(command)))(
  'the example of %s works: %s',
  async (command, example) => {
    const { folder, env } = await workplace(command);
    // Without exec, the shell would get the signal in the place of the program.
    const [child, ended] = shell(command === 'demo' ? `exec ${example}` : example, folder, env);
    child.stdout?.once('data', () => {
      // It takes its time to the end, which other tests wait for.
      if (command === 'demo') child.kill('SIGTERM');
    });
    expect(await ended).toMatchObject({ code: 0 });
  },
);

test('the examples of all commands that need a record work on one', async () => {
  const { folder, env } = await workplace('notify');
  const ends: object[] = [];
  for (const example of ['cutover-watch run --once', ...recorded]) {
    const [, ended] = shell(example, folder, env);
    ends.push({ example, ...(await ended) });
  }
  expect(ends).toMatchObject(
    ['cutover-watch run --once', ...recorded].map((example) => ({ example, code: 0 })),
  );
});
