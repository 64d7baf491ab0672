import { timingSafeEqual } from 'node:crypto';

/** Compares a given text with a secret one in a time that tells nothing of where they differ. */
export function equalInConstantTime(given: string, expected: string): boolean {
  const givenBytes = Buffer.from(given, 'utf8');
  const expectedBytes = Buffer.from(expected, 'utf8');
  return givenBytes.length === expectedBytes.length && timingSafeEqual(givenBytes, expectedBytes);
}
