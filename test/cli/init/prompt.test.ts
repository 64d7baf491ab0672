import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { Interrupted, openTerminal } from '../../../src/cli/init/prompt.ts';

const enter = '\r';
const down = '\u001b[B';

/** A terminal at whose keys a test sits. */
function openKeys() {
  const keys = new PassThrough();
  // As on standard error, a question does not end the stream.
  const screen = Object.assign(new PassThrough(), { _isStdio: true });
  let shown = '';
  screen.setEncoding('utf8').on('data', (text: string) => {
    shown += stripVTControlCharacters(text);
  });
  const leaving = new AbortController();
  const prompt = openTerminal(keys, screen, leaving);
  return { prompt, leaving, type: (text: string) => void keys.write(text), shown: () => shown };
}

it('returns the typed line without spaces around it, or what is usual', async () => {
  const { prompt, type, shown } = openKeys();
  const first = prompt.ask('One');
  type(`  a b ${enter}`);
  expect(await first).toBe('a b');
  const second = prompt.ask('Two', 'usual');
  type(enter);
  expect(await second).toBe('usual');
  expect(shown()).toContain('Two (usual)');
});

it('shows no key of a secret, and everything after it', async () => {
  const { prompt, type, shown } = openKeys();
  const secret = prompt.askSecretly('Key');
  type('sec');
  type(`ret${enter}`);
  expect(await secret).toBe('secret');
  const name = prompt.ask('Name');
  type(`orders${enter}`);
  expect(await name).toBe('orders');
  expect(shown()).not.toContain('sec');
  expect(shown()).toContain('orders');
});

it.each(['01234567-89ab-4cde-8f01-23456789abcd', 'mdb_sa_sk_0123456789'])(
  'does not leave a secret on the screen that is typed at another question: %s',
  async (secret) => {
    const { prompt, type, shown } = openKeys();
    const answer = prompt.ask('Public key');
    type(`${secret}${enter}`);
    expect(await answer).toBe(secret);
    expect(shown()).toContain('looks like a secret, not shown');
    expect(shown()).not.toContain(secret.slice(0, 11));
  },
);

it('takes a choice by its first letters or by the arrow keys, and what is usual otherwise', async () => {
  const { prompt, type, shown } = openKeys();
  const choices = { file: 'a file that holds it', typing: 'what is typed', environment: 'a variable' };
  for (const [keys, chosen] of [
    [enter, 'typing'],
    [`env${enter}`, 'environment'],
    [`${down}${enter}`, 'environment'],
  ] as const) {
    const answer = prompt.choose('From', choices, 'typing');
    type(keys);
    expect(await answer).toBe(chosen);
  }
  expect(shown()).toContain('file         a file that holds it');
});

it('asks until the answer is yes or no', async () => {
  const { prompt, type } = openKeys();
  const answer = prompt.confirm('Replace it?', false);
  type(`maybe${enter}`);
  type(`${'\u007f'.repeat(5)}y${enter}`);
  expect(await answer).toBe(true);
});

it.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('%s ends the question that is asked and those to come', async (_name, key) => {
  const { prompt, leaving, type } = openKeys();
  const asked = prompt.askSecretly('Key');
  type(key);
  await expect(asked).rejects.toThrow(Interrupted);
  expect(leaving.signal.aborted).toBe(true);
  await expect(prompt.ask('Name')).rejects.toThrow(Interrupted);
});

it('a signal ends the question that is asked', async () => {
  const { prompt, leaving } = openKeys();
  const asked = prompt.choose('From', { file: '', typing: '' }, 'file');
  leaving.abort();
  await expect(asked).rejects.toThrow(Interrupted);
});
