/** The units of a length of time for people, and their seconds; the largest first. */
const spanUnits = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/**
 * Returns a length of time for people, in its two largest units: `4 d 23 h`, `12 min 5 s`, `0 s`. A negative one keeps its
 * sign: a lag may be negative where clocks differ.
 */
export function formatSpan(seconds: number): string {
  const whole = Math.round(Math.abs(seconds));
  const sign = seconds < 0 && whole > 0 ? '-' : '';
  let rest = whole;
  const parts: string[] = [];
  for (const [name, size] of spanUnits) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (count > 0) parts.push(`${count} ${name}`);
    else if (parts.length > 0) break;
  }
  return `${sign}${parts.slice(0, 2).join(' ')}` || '0 s';
}

/** A deadline that is nearer than this has its seconds. */
const preciseBelowSeconds = 3_600;

/**
 * Returns a moment of these days for a sentence, in UTC: `Thu 3 Dec 14:43 UTC`; where it is less than an hour away,
 * with its seconds. `awaySeconds` may be negative.
 */
export function formatDay(isoTime: string, awaySeconds = Number.POSITIVE_INFINITY): string {
  const text = new Date(isoTime).toUTCString();
  const time = text.slice(17, Math.abs(awaySeconds) < preciseBelowSeconds ? 25 : 22);
  return `${text.slice(0, 3)} ${Number(text.slice(5, 7))} ${text.slice(8, 11)} ${time} UTC`;
}

/** Returns a moment for a record, with its year, to the minute and in UTC: `2026-11-28 23:00 UTC`. */
export function formatMoment(isoTime: string): string {
  return `${isoTime.slice(0, 10)} ${isoTime.slice(11, 16)} UTC`;
}
