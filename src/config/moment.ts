/** A moment of a text, in ms since 1970, or a clause that says what is wrong with it and follows "is ...". */
export type MomentReading =
  | { readonly ok: true; readonly moment: number }
  | { readonly ok: false; readonly clause: string };

const example = '2026-12-03T10:00:00Z or 2026-12-03T10:00+01:00';
const pattern =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,3})?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/i;

/**
 * Reads a date and a time of day with `Z`, `UTC` or an offset (ISO 8601; a blank may stand for the T). A local time
 * without them is refused: the watcher, its author and Atlas may be in different time zones.
 */
export function readMoment(text: string): MomentReading {
  const [, date, time, seconds = ':00', zone] = pattern.exec(text.trim()) ?? [];
  if (date === undefined || time === undefined)
    return { ok: false, clause: `no date with a time of day; write ${example}` };
  if (zone === undefined)
    return {
      ok: false,
      clause: `a local time without its zone; add Z for UTC, or the offset: ${date}T${time}Z or ${date}T${time}+01:00`,
    };
  const offset = /^[+-]/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(-2)}` : 'Z';
  const moment = Date.parse(`${date}T${time}${seconds}${offset}`);
  // A day that the month does not have becomes one of the next month.
  const isDay = Number.isFinite(moment) && new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
  if (!isDay || moment < 0) return { ok: false, clause: `no day or time that there is; write ${example}` };
  return { ok: true, moment };
}
