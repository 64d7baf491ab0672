import { describe, expect, test } from 'vitest';
import { NonceStore } from '../../src/simulator/nonce-store.ts';

const START = Date.UTC(2026, 0, 1);
const FRESH = { kind: 'fresh' };
const REPLAYED = { kind: 'replayed' };

describe('a nonce', () => {
  test('is 24 bytes of base64, in which + and / occur', () => {
    const book = new NonceStore();
    const nonces = Array.from({ length: 200 }, () => book.issue(START));
    expect(nonces.every((nonce) => /^[\w+/]{32}$/.test(nonce))).toBe(true);
    expect(new Set(nonces).size).toBe(200);
    expect(nonces.join('')).toMatch(/\+/);
    expect(nonces.join('')).toMatch(/\//);
  });

  test('may be used for a minute and not at its end', () => {
    const book = new NonceStore();
    const nonce = book.issue(START);
    expect(book.spend(nonce, 1, START + 59_999)).toEqual(FRESH);
    expect(book.spend(nonce, 2, START + 60_000)).toEqual({ kind: 'stale', because: 'expired' });
  });

  test('lives for the configured time', () => {
    const book = new NonceStore({ lifetimeMs: 500 });
    const nonce = book.issue(START);
    expect(book.spend(nonce, 1, START + 499)).toEqual(FRESH);
    expect(book.spend(nonce, 2, START + 500)).toEqual({ kind: 'stale', because: 'expired' });
  });

  test('is unknown when it comes from elsewhere', () => {
    expect(new NonceStore().spend('Nfx+VMFO0sY4tpgy1sHRakvvv0NN4S91', 1, START)).toEqual({ kind: 'unknown' });
  });

  test('can be limited to a number of uses', () => {
    const book = new NonceStore({ usesPerNonce: 1 });
    const nonce = book.issue(START);
    expect(book.spend(nonce, 1, START)).toEqual(FRESH);
    expect(book.spend(nonce, 2, START)).toEqual({ kind: 'stale', because: 'used-up' });
    expect(book.spend(nonce, 1, START)).toEqual(REPLAYED);
  });
});

describe('a nonce count', () => {
  test('is accepted once', () => {
    const book = new NonceStore();
    const nonce = book.issue(START);
    expect(book.spend(nonce, 1, START)).toEqual(FRESH);
    expect(book.spend(nonce, 1, START)).toEqual(REPLAYED);
  });

  test('may arrive out of order, but still only once', () => {
    const book = new NonceStore();
    const nonce = book.issue(START);
    const verdicts = [3, 1, 5, 2, 4].map((count) => book.spend(nonce, count, START).kind);
    expect(verdicts).toEqual(['fresh', 'fresh', 'fresh', 'fresh', 'fresh']);
    const again = [1, 2, 3, 4, 5].map((count) => book.spend(nonce, count, START).kind);
    expect(again).toEqual(['replayed', 'replayed', 'replayed', 'replayed', 'replayed']);
  });

  test('begins at 1', () => {
    const book = new NonceStore();
    expect(book.spend(book.issue(START), 0, START)).toEqual(REPLAYED);
  });

  test('is counted for each nonce apart', () => {
    const book = new NonceStore();
    const first = book.issue(START);
    const second = book.issue(START);
    expect(book.spend(first, 1, START)).toEqual(FRESH);
    expect(book.spend(second, 1, START)).toEqual(FRESH);
  });
});

describe('the memory of the book', () => {
  test('drops nonces that expired a lifetime ago', () => {
    const book = new NonceStore();
    const old = book.issue(START);
    book.issue(START + 119_999);
    expect(book.size).toBe(2);
    book.issue(START + 120_000);
    expect(book.size).toBe(2);
    expect(book.spend(old, 1, START + 120_000)).toEqual({ kind: 'unknown' });
  });

  test('never holds more than 10,000 nonces and forgets the oldest first', () => {
    const book = new NonceStore();
    const oldest = book.issue(START);
    const kept = book.issue(START);
    for (let issued = 2; issued <= 10_000; issued += 1) {
      book.issue(START);
    }
    expect(book.size).toBe(10_000);
    expect(book.spend(oldest, 1, START)).toEqual({ kind: 'unknown' });
    expect(book.spend(kept, 1, START)).toEqual(FRESH);
  });
});
