import { parseDuration } from '../config/duration.ts';
import { HttpError } from './reply.ts';

/** Throws for a parameter that a path does not have: a misspelled one would change the answer unnoticed. */
export function checkParameters(query: URLSearchParams, known: readonly string[]): void {
  if ([...query.keys()].some((name) => !known.includes(name)))
    throw new HttpError(400, `Unknown parameter. This path has: ${known.join(', ') || 'none'}.`);
}

/** Returns a whole number from 1 to `max`, or the fallback where the parameter is missing. */
export function readCount(
  query: URLSearchParams,
  name: string,
  { max, fallback }: { readonly max: number; readonly fallback: number },
): number {
  const text = query.get(name);
  if (text === null) return fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= max) return value;
  throw new HttpError(400, `Write ${name} as a whole number from 1 to ${max}.`);
}

/** Returns a time, in ms since 1970, given as ISO 8601 or as a duration before now, or the fallback. */
export function readTime(query: URLSearchParams, name: string, now: number, fallback: number): number {
  const text = query.get(name);
  if (text === null) return fallback;
  const duration = parseDuration(text);
  const value = duration === undefined ? parseIsoTime(text) : now - duration;
  // Dates have a limited range (ECMA-262, "Time Values and Time Range").
  if (!Number.isNaN(new Date(value).valueOf())) return value;
  throw new HttpError(
    400,
    `Write ${name} as a time such as 2026-11-24T12:00:00Z, or as a duration before now such as 6h.`,
  );
}

/** Returns NaN for text that is no time. In a query, a plus that is not encoded is a space. */
function parseIsoTime(text: string): number {
  const plain = text.replace(' ', '+');
  return /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(plain) ? Date.parse(plain) : Number.NaN;
}
