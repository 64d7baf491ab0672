import stringWidth from 'string-width';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fitted, prepareTerminal } from '../../src/cli/terminal.ts';

const isTerminal = Object.getOwnPropertyDescriptor(process.stdout, 'isTTY');

beforeAll(async () => {
  Object.defineProperty(process.stdout, 'isTTY', { value: true, configurable: true });
  await prepareTerminal();
});

afterAll(() => {
  if (isTerminal === undefined) Reflect.deleteProperty(process.stdout, 'isTTY');
  else Object.defineProperty(process.stdout, 'isTTY', isTerminal);
});

const sentence = 'Check that this machine can resolve and reach the host in atlas.baseUrl on its port.';

test.each([
  {
    rule: 'one sentence between words',
    lines: [sentence],
    text: 'Check that this machine can resolve and\nreach the host in atlas.baseUrl on its\nport.',
  },
  {
    rule: 'several sentences, each with its continuation indented',
    lines: [sentence, 'Short.'],
    text: 'Check that this machine can resolve\n  and reach the host in atlas.baseUrl on\n  its port.\nShort.',
  },
  {
    rule: 'an item of a list below its text',
    lines: [`  1. ${sentence}`],
    text: '  1. Check that this machine can resolve\n     and reach the host in atlas.baseUrl\n     on its port.',
  },
  { rule: 'nothing of a line that fits', lines: ['  a   b  '], text: '  a   b  ' },
])('a terminal wraps $rule', ({ lines, text }) => {
  expect(fitted(lines, 40)).toBe(text);
  for (const line of fitted(lines, 40).split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(40);
});

test('nothing is wrapped where there is no terminal, or one that is too narrow for sentences', () => {
  expect(fitted([sentence], undefined)).toBe(sentence);
  expect(fitted([sentence], 12)).toBe(sentence);
});
