import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitLine, maxLineBytes } from '../../src/events/truncate.ts';

const cutMark = '… [cut]';

function bytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

describe('a line that fits', () => {
  it('is returned as it is', () => {
    const line = { msg: 'short', hosts: ['a', 'b'] };
    expect(fitLine(line)).toBe(line);
  });

  it('may have exactly the limit', () => {
    const line = { msg: 'x'.repeat(100 - bytes({ msg: '' })) };
    expect(bytes(line)).toBe(100);
    expect(fitLine(line, 100)).toBe(line);
    expect(bytes(fitLine({ msg: `${line.msg}x` }, 100))).toBeLessThan(100);
  });
});

describe('a line that is too long', () => {
  it('loses the end of its longest text, which is marked', () => {
    const fitted = fitLine({ status: 'NEW', detail: 'd'.repeat(20_000), msg: 'm'.repeat(200) });
    expect(fitted).toEqual({
      status: 'NEW',
      detail: `${'d'.repeat(5_000)}${cutMark}`,
      msg: 'm'.repeat(200),
    });
  });

  it('loses the end of its longest list, which is marked', () => {
    const hosts = Array.from({ length: 100 }, (_, index) => `host-${index}.${'x'.repeat(150)}`);
    const fitted = fitLine({ hosts, msg: 'short' });
    expect(fitted.hosts).toEqual([...hosts.slice(0, 50), cutMark]);
  });

  it('keeps the keys of its longest map and shortens the values, marked', () => {
    const labels = Object.fromEntries(
      Array.from({ length: 64 }, (_, index) => [`l${index}`, 'x'.repeat(200)]),
    );
    const fitted = fitLine({ labels, msg: 'short' });
    expect(Object.keys(fitted.labels)).toEqual(Object.keys(labels));
    expect(fitted.labels).toMatchObject({ l0: expect.stringMatching(/^x+… \[cut\]$/) });
  });

  it('drops the last entries of a map of short values, and marks that', () => {
    const fitted = fitLine({
      v: Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`key-${index}`, 1])),
    });
    expect(fitted.v).toMatchObject({ 'key-0': 1, '…': '… [cut]' });
    expect(JSON.stringify(fitted).length).toBeLessThan(8_192);
  });

  it('is cut inside a list or a map that cannot be shortened', () => {
    const long = 'x'.repeat(10_000);
    for (const line of [
      { v: [long] },
      { v: [long, 'b'] },
      { v: [long, 'b', 'c'] },
      { v: { a: [long, long] } },
    ]) {
      const fitted = fitLine(line);
      expect(bytes(fitted)).toBeLessThanOrEqual(maxLineBytes);
      expect(JSON.stringify(fitted)).toContain(cutMark);
    }
  });

  it('is not cut within a character', () => {
    const fitted = fitLine({ msg: `x${'😀'.repeat(5_000)}` });
    expect(fitted.msg.isWellFormed()).toBe(true);
    expect(fitted.msg.endsWith(cutMark)).toBe(true);
  });
});

const text = fc
  .tuple(fc.string({ unit: 'binary', maxLength: 8 }), fc.integer({ min: 0, max: 600 }))
  .map(([unit, times]) => unit.repeat(times));
const shortKey = fc.string({ maxLength: 8 });

it('events of any content are brought under the limit', () => {
  const field = fc.oneof(
    text,
    fc.integer(),
    fc.array(text, { maxLength: 8 }),
    fc.dictionary(shortKey, text, { maxKeys: 8 }),
  );
  const line = fc.dictionary(shortKey, field, { maxKeys: 12 });
  fc.assert(
    fc.property(line, fc.integer({ min: 1_000, max: maxLineBytes }), (record, limit) => {
      const fitted = fitLine(record, limit);
      expect(bytes(fitted)).toBeLessThanOrEqual(limit);
      expect(Object.keys(fitted)).toEqual(Object.keys(record));
      expect(JSON.stringify(fitted).isWellFormed()).toBe(true);
    }),
    { numRuns: 60 },
  );
});

it('data of any shape never grows, whatever the limit', () => {
  fc.assert(
    fc.property(fc.object({ maxDepth: 4 }), fc.integer({ min: 1, max: 400 }), (record, limit) => {
      const plain = JSON.parse(JSON.stringify(record)) as object;
      expect(bytes(fitLine(plain, limit))).toBeLessThanOrEqual(Math.max(limit, bytes(plain)));
    }),
    { numRuns: 200 },
  );
});
