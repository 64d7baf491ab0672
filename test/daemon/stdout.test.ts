import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';

const output = new URL('../../src/daemon/stdout.ts', import.meta.url).href;

/** Runs a script that has opened standard output as `output`, in a process of its own. */
function run(script: string) {
  const source = `import { openStandardOutput } from ${JSON.stringify(output)}; ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => {
    texts.stdout += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    texts.stderr += data.toString();
  });
  return { child, texts, closed: once(child, 'close') };
}

it('a line is out when write returns, even if the process is killed right afterwards', async () => {
  const { child, texts, closed } = run(
    "const output = openStandardOutput(); output.write('first\\n'); output.write('second\\n'); process.kill(process.pid, 'SIGKILL');",
  );
  await closed;
  expect(child.signalCode).toBe('SIGKILL');
  expect(texts.stdout).toBe('first\nsecond\n');
});

it('a line is rendered on its way', async () => {
  const { texts, closed } = run(
    "const output = openStandardOutput((line) => line.toUpperCase()); console.error(output.write('one\\n'));",
  );
  await closed;
  expect(texts).toEqual({ stdout: 'ONE\n', stderr: 'true\n' });
});

it('a reader that goes away closes the output, which takes no line from then on', async () => {
  const { child, texts, closed } = run(
    `const output = openStandardOutput();
     output.write('hello\\n');
     const writing = setInterval(() => output.write('more\\n'), 5);
     await output.whenClosed;
     clearInterval(writing);
     console.error('taken', output.write('nowhere\\n'));`,
  );
  await once(child.stdout, 'data');
  child.stdout.destroy();
  await closed;
  expect(texts.stderr).toBe('taken false\n');
  expect(child.exitCode).toBe(0);
});
