/** The units of a length of time for people, and their seconds; the largest first. */
const spanUnits = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** Returns a length of time for people, in its two largest units: `4 d 23 h`, `12 min 5 s`, `0 s`. */
export function formatSpan(seconds: number): string {
  let rest = Math.round(Math.abs(seconds));
  const parts: string[] = [];
  for (const [name, size] of spanUnits) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (count > 0) parts.push(`${count} ${name}`);
    else if (parts.length > 0) break;
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}

/** Returns a moment for people, to the minute and in UTC: `2026-11-28 23:00 UTC`. */
export function formatMoment(isoTime: string): string {
  return `${isoTime.slice(0, 10)} ${isoTime.slice(11, 16)} UTC`;
}
