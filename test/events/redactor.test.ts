import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { Redactor } from '../../src/events/redactor.ts';

const secret = 'p@ss/word+1234';

function redactorOf(...secrets: string[]): Redactor {
  const redactor = new Redactor();
  for (const each of secrets) redactor.register(each);
  return redactor;
}

describe('a registered secret', () => {
  const redactor = redactorOf(secret);

  it.each([
    ['as it is', `key ${secret}!`, 'key [redacted]!'],
    ['twice', `${secret} ${secret}`, '[redacted] [redacted]'],
    [
      'in a URL',
      `https://x.example/?key=${encodeURIComponent(secret)}&a=b`,
      'https://x.example/?key=[redacted]&a=b',
    ],
    ['in base64', `Basic ${Buffer.from(secret).toString('base64')}`, 'Basic [redacted]'],
    ['not at all', 'nothing to hide', 'nothing to hide'],
  ])('is hidden in a text: %s', (_where, text, expected) => {
    expect(redactor.text(text)).toBe(expected);
  });

  it('is forgotten in all its forms when it is worth nothing any more, others are not', () => {
    const forgetful = redactorOf('another-secret');
    const forget = forgetful.register(secret);
    const text = `${secret} ${Buffer.from(secret).toString('base64')} another-secret`;
    expect(forgetful.text(text)).toBe('[redacted] [redacted] [redacted]');
    forget();
    expect(forgetful.text(text)).toBe(text.replace('another-secret', '[redacted]'));
  });

  it('is hidden in keys, values and lists of nested data, and nothing else changes', () => {
    const data = {
      detail: `${secret}.`,
      labels: { [`x-${secret}`]: 'y', deep: { list: [secret, 1, null, true, { z: secret }] } },
    };
    expect(redactor.data(data)).toEqual({
      detail: '[redacted].',
      labels: { 'x-[redacted]': 'y', deep: { list: ['[redacted]', 1, null, true, { z: '[redacted]' }] } },
    });
    expect(data.detail).toBe(`${secret}.`);
  });
});

test('a secret that every reload registers again costs nothing more, and stays hidden until all have forgotten it', () => {
  const redactor = new Redactor();
  const forget = redactor.register(secret);
  const [first, ...others] = Array.from({ length: 30_000 }, () => redactor.register(secret));
  forget();
  forget();
  for (const each of others) each();
  expect(redactor.text(secret)).toBe('[redacted]');
  first?.();
  expect(redactor.text(secret)).toBe(secret);
});

test('of two secrets, one the beginning of the other, nothing is left', () => {
  expect(redactorOf('hunter22', 'hunter22-rotated').text('it is hunter22-rotated')).toBe('it is [redacted]');
  expect(redactorOf('hunter22-rotated', 'hunter22').text('it is hunter22-rotated')).toBe('it is [redacted]');
});

test('what is too short to be a secret is left alone, as it would be everywhere', () => {
  expect(redactorOf('abc', '').text('abc abcd')).toBe('abc abcd');
});

test('no text holds a registered secret afterwards', () => {
  const secrets = fc.array(fc.stringMatching(/^[A-Z]{8,20}$/), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(secrets, fc.array(fc.string()), (registered, noise) => {
      const redactor = redactorOf(...registered);
      const clean = redactor.text(noise.join(registered.join(' ')));
      expect(registered.filter((each) => clean.includes(each))).toEqual([]);
    }),
  );
});

test.each([
  { form: 'as JSON writes it', text: JSON.stringify('se"cret\\1').slice(1, -1) },
  { form: 'as a form writes it', text: 'se%22cret%5C1' },
  { form: 'in Base64 of URLs', text: Buffer.from('se"cret\\1').toString('base64url') },
])('a secret is hidden $form', ({ text }) => {
  const redactor = new Redactor();
  redactor.register('se"cret\\1');
  expect(redactor.text(`a ${text} b`)).toMatch(/^a \[redacted\]=* b$/);
});

test('a secret that is registered twice is hidden until it was forgotten twice', () => {
  const redactor = new Redactor();
  const forgets = [redactor.register('hunter2hunter2'), redactor.register('hunter2hunter2')];
  forgets[0]?.();
  expect(redactor.text('hunter2hunter2')).toBe('[redacted]');
  forgets[1]?.();
  expect(redactor.text('hunter2hunter2')).toBe('hunter2hunter2');
});
