import { spawn } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from 'kubernetes-types/batch/v1.d.ts';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { groupId, migrationId, startAtlas } from '../e2e/atlas-by-hand.ts';
import { keyInEnvironment, temporaryFolder } from '../e2e/program.ts';

const root = new URL('../../', import.meta.url);
const read = (name: string): string => readFileSync(new URL(`config/recipes/${name}`, root), 'utf8');
const main = new URL('dist/main.js', root).pathname;
const compileCache = new URL('node_modules/.cache/cutover-watch', root).pathname;
const migration = `orders=${groupId}/${migrationId(0)}`;

const ready = { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 4 };

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly folder: string;
}

/** An Atlas with one migration, and a way to run commands in which `cutover-watch` is the built program that asks it. */
async function place(body: object | undefined) {
  const atlas = await startAtlas();
  atlas.say(0, body);
  const folder = temporaryFolder();
  const program = join(folder, 'cutover-watch');
  // Six hours would be long for a test.
  writeFileSync(
    program,
    `#!/bin/sh\nfor word; do\n  shift\n  case $word in 6h|345m) word=$TIMEOUT ;; esac\n  set -- "$@" "$word"\ndone\nexec ${process.execPath} ${main} "$@" --base-url ${atlas.simulator.baseUrl}\n`,
  );
  chmodSync(program, 0o755);
  return (
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Ended> => {
    const child = spawn(command, args, {
      cwd: folder,
      env: {
        PATH: `${folder}:${process.env.PATH}`,
        NODE_COMPILE_CACHE: compileCache,
        TIMEOUT: '60s',
        MIGRATION: migration,
        GITHUB_STEP_SUMMARY: 'summary',
        ...keyInEnvironment(),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, folder })));
  };
}

/** What each recipe runs to wait for readiness, and for the end. */
interface Steps {
  readonly ready: readonly [command: string, ...args: string[]];
  readonly end: readonly [command: string, ...args: string[]];
}

interface Workflow {
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly needs?: string;
        readonly steps: readonly { readonly name?: string; readonly run?: string }[];
      }
    >
  >;
}

function githubActions(): Steps {
  const { jobs } = parse(read('github-actions.yaml')) as Workflow;
  expect([jobs.cutover?.needs, jobs.complete?.needs]).toEqual(['ready', 'cutover']);
  // As a runner of GitHub runs it.
  const waiting = (job: string): [string, ...string[]] => [
    'bash',
    '-e',
    '-c',
    jobs[job]?.steps.find(({ name }) => name?.startsWith('Wait'))?.run ?? '',
  ];
  return { ready: waiting('ready'), end: waiting('complete') };
}

const argsOf = (args: readonly string[] = []) =>
  args.map((arg) => (arg.startsWith('--migration=') ? `--migration=${migration}` : arg));

function kubernetesJob(): Steps {
  const { spec } = parse(read('kubernetes-job.yaml')) as Job;
  const pod = spec?.template.spec;
  const [first, step] = pod?.initContainers ?? [];
  const [last] = pod?.containers ?? [];
  expect([first?.name, step?.name, last?.name]).toEqual(['wait-ready', 'your-step', 'wait-complete']);
  // The deadline of the Job takes the place of a timeout here.
  const timeout = ['--timeout', '6h'];
  return {
    ready: ['cutover-watch', ...argsOf(first?.args), ...timeout],
    end: ['cutover-watch', ...argsOf(last?.args), ...timeout],
  };
}

interface Task {
  readonly register?: string;
  readonly failed_when?: string;
  readonly 'ansible.builtin.command'?: { readonly argv: readonly string[] };
}

const tasks = (): readonly Task[] => parse(read('ansible.yaml')) as Task[];

const argvOf = (name: string): [string, ...string[]] => {
  const argv = tasks().find(({ register }) => register === name)?.['ansible.builtin.command']?.argv ?? [];
  const [command = '', ...args] = argv.map((word) => word.replace('{{ migration }}', migration));
  return [command, ...args];
};

function ansible(): Steps {
  return { ready: argvOf('ready'), end: argvOf('ended') };
}

/** Returns the shell of the resources, in their order: the heredocs of their commands, without the indentation. */
function terraform(): Steps {
  const text = read('terraform.tf');
  const shells = [...text.matchAll(/command += <<-EOT\n(.*?)\n +EOT\n/gs)].map(([, shell = '']) => shell);
  expect(shells).toHaveLength(2);
  // ${...} would be Terraform's own.
  for (const shell of shells) expect(shell).not.toContain('${');
  const outside = text.replaceAll(/<<-EOT\n.*?\n +EOT\n/gs, '').replaceAll(/"[^"\n]*"|#.*/g, '');
  const brackets = outside.replaceAll(/[^{}[\]()]/g, '');
  expect(brackets).toMatch(/^(?:\{(?:\{\}|\[\]|\{\{\}\}|\[\])*\})+$/);
  return { ready: ['sh', '-c', shells[0] ?? ''], end: ['sh', '-c', shells[1] ?? ''] };
}

const recipes: Readonly<Record<string, Steps>> = {
  'github-actions.yaml': githubActions(),
  'kubernetes-job.yaml': kubernetesJob(),
  'ansible.yaml': ansible(),
  'terraform.tf': terraform(),
};

/** These run a shell, which must pass the exit code on. */
const shells = ['github-actions.yaml', 'terraform.tf'];

/** Runs a step of every recipe, or of some, at once, and returns how each ended, by its file. */
async function runEach(
  step: keyof Steps,
  run: Awaited<ReturnType<typeof place>>,
  env?: Readonly<Record<string, string>>,
  files = Object.keys(recipes),
) {
  const chosen = Object.entries(recipes).filter(([file]) => files.includes(file));
  const runs = chosen.map(async ([file, steps]) => {
    const [command, ...args] = steps[step];
    return [file, await run(command, args, env)] as const;
  });
  return new Map(await Promise.all(runs));
}

const codesOf = (ended: ReadonlyMap<string, Ended>) => [...ended.values()].map(({ code }) => code);

test('every recipe goes on when the migration is ready, with a low lag twice', async () => {
  expect(codesOf(await runEach('ready', await place(ready)))).toEqual([0, 0, 0, 0]);
});

test('a recipe with a shell stops when the migration is not ready in time', async () => {
  const run = await place({ status: 'WORKING', lagTimeSeconds: 90 });
  expect(codesOf(await runEach('ready', run, { TIMEOUT: '1s' }, shells))).toEqual([1, 1]);
});

test('a recipe with a shell stops when Atlas refuses the key', async () => {
  const refused = { MONGODB_ATLAS_PRIVATE_API_KEY: 'not-the-key-at-all' };
  expect(codesOf(await runEach('ready', await place(ready), refused, shells))).toEqual([77, 77]);
});

test('every recipe ends when the migration is complete', async () => {
  expect(codesOf(await runEach('end', await place({ status: 'COMPLETE' })))).toEqual([0, 0, 0, 0]);
});

test('no recipe takes a failed migration for a complete one', async () => {
  const ended = await runEach('end', await place({ status: 'FAILED' }));
  // That of Ansible waits for any end, and reads which it was.
  expect(codesOf(ended)).toEqual([1, 1, 0, 1]);
  const { migrations } = JSON.parse(ended.get('ansible.yaml')?.stdout ?? '') as {
    migrations: readonly object[];
  };
  expect(migrations).toMatchObject([{ settlement: 'FAILED' }]);
});

test('the tasks of Ansible read what the program prints', () => {
  const text = read('ansible.yaml');
  for (const path of ['.reason', '.migrations[0].deadline', '.migrations[0].settlement'])
    expect(text).toContain(`stdout | from_json)${path}`);
  expect(tasks().map(({ failed_when: fails }) => fails)).toContain('ready.rc not in [0, 1]');
});

test('the Job stops at the exit codes that do not pass by themselves', () => {
  const { spec } = parse(read('kubernetes-job.yaml')) as Job;
  expect(spec?.podFailurePolicy?.rules[0]).toEqual({
    action: 'FailJob',
    onExitCodes: { operator: 'In', values: [1, 64, 77, 78] },
  });
  expect(spec?.template.spec?.restartPolicy).toBe('Never');
});
