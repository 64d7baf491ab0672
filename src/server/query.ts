import { parseDuration } from '../config/duration.ts';
import { type Reply, refusal } from './reply.ts';

/** A parameter of a query, or the refusal of it. */
export type Parameter<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reply: Reply };

/** Returns the refusal of parameters that a path does not know: one misspelt would change the answer unseen. */
export function refuseUnknown(query: URLSearchParams, known: readonly string[]): Reply | undefined {
  const unknown = [...query.keys()].find((name) => !known.includes(name));
  return unknown === undefined
    ? undefined
    : refusal(400, `This path has no parameter of that name. It knows ${known.join(', ') || 'none'}.`);
}

/** Reads a whole number from 1 to `most`. */
export function readCount(
  query: URLSearchParams,
  name: string,
  { most, usual }: { readonly most: number; readonly usual: number },
): Parameter<number> {
  const text = query.get(name);
  if (text === null) return { ok: true, value: usual };
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= most) return { ok: true, value };
  return { ok: false, reply: refusal(400, `Write ${name} as a whole number from 1 to ${most}.`) };
}

/** Reads a moment, in ms since 1970: an ISO 8601 time, or a duration back from now. */
export function readMoment(
  query: URLSearchParams,
  name: string,
  now: number,
  usual: number,
): Parameter<number> {
  const text = query.get(name);
  if (text === null) return { ok: true, value: usual };
  const back = parseDuration(text);
  const value = back === undefined ? isoMoment(text) : now - back;
  // So long ago there are no dates (ECMA-262, "Time Values and Time Range").
  if (!Number.isNaN(new Date(value).valueOf())) return { ok: true, value };
  const sentence = `Write ${name} as a time such as 2026-11-24T12:00:00Z, or as a duration back from now such as 6h.`;
  return { ok: false, reply: refusal(400, sentence) };
}

/** NaN for what is no moment. In a query, a plus that is not encoded is a space. */
function isoMoment(text: string): number {
  const plain = text.replace(' ', '+');
  return /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(plain) ? Date.parse(plain) : Number.NaN;
}
