/**
 * Reads a `Retry-After` header: a number of seconds or an HTTP date (RFC 9110 §10.2.3).
 * Returns milliseconds from `now` (0 for a moment gone by), or undefined when the value cannot be read.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, Number.MAX_SAFE_INTEGER);
  // Date.parse is lenient about numbers and half dates; an HTTP date always names a weekday and ends in GMT.
  if (!/^[A-Z][a-z]{2,8},? .*\d GMT$/.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
