/** Returns the time left to the second: `4 d 23:12:05`, `23:12:05`, `12:05`. */
export function countdown(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(seconds / 3_600);
  if (hours === 0) return clockOf([minutes, seconds % 60]);
  const clock = clockOf([hours % 24, minutes % 60, seconds % 60]);
  return hours < 24 ? clock : `${Math.floor(hours / 24)} d ${clock}`;
}

function clockOf(parts: readonly number[]): string {
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** Returns how long ago something was, rounded down: `35 s ago`, `3 h ago`. */
export function ago(seconds: number): string {
  if (seconds < 5) return 'now';
  if (seconds < 60) return `${Math.floor(seconds / 5) * 5} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** Returns a moment in UTC to the second: `2026-11-28 23:00:05 UTC`. */
export function utcText(isoTime: string): string {
  return `${isoTime.slice(0, 10)} ${isoTime.slice(11, 19)} UTC`;
}

const clockFormat = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const dayAndClockFormat = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

/** Returns a moment in the reader's language and zone, without the date for today. `now` in ms since 1970. */
export function localText(isoTime: string, now: number): string {
  const moment = new Date(isoTime);
  const isToday = moment.toDateString() === new Date(now).toDateString();
  return (isToday ? clockFormat : dayAndClockFormat).format(moment);
}

const zoneFormat = new Intl.DateTimeFormat(undefined, { timeZoneName: 'short' });

/** Returns the short name of the reader's zone at a moment (ms since 1970): `CET`, `GMT+2`. */
export function zoneName(moment: number): string {
  return zoneFormat.formatToParts(moment).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** Returns a moment as `localText` does, with its zone. */
export function zonedText(isoTime: string, now: number): string {
  return `${localText(isoTime, now)} ${zoneName(Date.parse(isoTime))}`;
}

const dayFormat = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const minuteFormat = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

/** Round steps of a time axis, in seconds. They are dense enough that any width has room for two labels. */
export const timeSteps = [
  1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 300, 360, 600, 900, 1_200, 1_800, 3_600, 7_200, 10_800, 14_400,
  21_600, 28_800, 43_200, 86_400, 172_800, 259_200, 432_000, 604_800,
] as const;

/** Returns the labels at these moments (seconds since 1970), `step` seconds apart. The first of a day has its date. */
export function axisTimes(moments: readonly number[], step: number): string[] {
  let shownDay = '';
  return moments.map((seconds) => {
    const moment = new Date(seconds * 1000);
    const ofDay = dayFormat.format(moment);
    const isNewDay = ofDay !== shownDay;
    shownDay = ofDay;
    if (step >= 86_400) return ofDay;
    const time = (step < 60 ? clockFormat : minuteFormat).format(moment);
    return isNewDay ? `${time}\n${ofDay}` : time;
  });
}
