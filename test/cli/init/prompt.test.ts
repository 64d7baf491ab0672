import { PassThrough } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { expect, it } from 'vitest';
import { Interrupted, openTerminal, type Terminal } from '../../../src/cli/init/prompt.ts';

/** A terminal at whose keys a test sits. */
function openKeys(): { terminal: Terminal; type: (text: string) => void; shown: () => string } {
  const keys = new PassThrough();
  const screen = new PassThrough();
  let shown = '';
  screen.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  const leaving = new AbortController();
  const input = Object.assign(keys, { unref: () => keys }) as unknown as ReadStream;
  const terminal = openTerminal(input, screen as unknown as WriteStream, {
    interrupted: leaving.signal,
    onLeave: () => leaving.abort(),
  });
  return { terminal, type: (text) => void keys.write(text), shown: () => shown };
}

it('gives lines that were pasted at once to the questions one after another', async () => {
  const { terminal, type, shown } = openKeys();
  const first = terminal.ask('One');
  type('a\n  b \n\n');
  expect(await first).toBe('a');
  expect(await terminal.ask('Two')).toBe('b');
  expect(await terminal.ask('Three', 'usual')).toBe('usual');
  expect(shown()).toContain('Two:   b \n');
  expect(shown()).toContain('Three [usual]: \n');
  terminal.close();
});

it('shows no key of a secret, and everything after it', async () => {
  const { terminal, type, shown } = openKeys();
  const secret = terminal.askSecretly('Key');
  type('sec');
  type('ret\n');
  expect(await secret).toBe('secret');
  const name = terminal.ask('Name');
  type('orders\n');
  expect(await name).toBe('orders');
  expect(shown()).toMatch(/^Key \(not shown\): \n/);
  expect(shown()).not.toContain('sec');
  expect(shown()).toContain('orders');
  terminal.close();
});

it.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('%s ends the question that is asked and those to come', async (_name, key) => {
  const { terminal, type } = openKeys();
  const asked = terminal.askSecretly('Key');
  type(key);
  await expect(asked).rejects.toThrow(Interrupted);
  await expect(terminal.ask('Name')).rejects.toThrow(Interrupted);
  terminal.close();
});
