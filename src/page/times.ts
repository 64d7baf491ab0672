/**
 * Returns the time left. Seconds count only below an hour, so that a screen full of rows stays calm: `4 d 22 h`,
 * `5 h 03 min`, `12:05`.
 */
export function countdown(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${twoDigits(minutes)} min`;
  return `${twoDigits(minutes)}:${twoDigits(Math.floor(seconds % 60))}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
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

/**
 * Dates are in English, as the page is, with the day before the month; only the hour cycle is the reader's. So they are
 * equally long for everybody.
 */
const language = 'en-GB';
const reader = new Intl.DateTimeFormat(undefined, { hour: 'numeric' }).resolvedOptions();
const hourCycle = reader.hourCycle?.startsWith('h1') ? 'h12' : 'h23';
const day = { day: 'numeric', month: 'short' } as const;
const minute = { hour: hourCycle === 'h12' ? 'numeric' : '2-digit', minute: '2-digit', hourCycle } as const;

const minuteFormat = new Intl.DateTimeFormat(language, minute);
const secondFormat = new Intl.DateTimeFormat(language, { ...minute, second: '2-digit' });
const dayFormat = new Intl.DateTimeFormat(language, day);
const weekdayFormat = new Intl.DateTimeFormat(language, { weekday: 'short', ...day });
const shortDayFormat = new Intl.DateTimeFormat(language, { weekday: 'short', day: 'numeric' });
const yearFormat = new Intl.DateTimeFormat(language, { weekday: 'short', ...day, year: 'numeric' });
const dayMs = 86_400_000;

/**
 * Returns a moment in the reader's zone to the minute, with the day where it is a day or more away: `14:45`,
 * `Thu 3 Dec, 14:45`. `at` in ISO 8601, or in ms since 1970 as `now`.
 */
export function localText(at: string | number, now: number): string {
  const moment = new Date(at);
  const time = minuteFormat.format(moment);
  return Math.abs(moment.getTime() - now) < dayMs ? time : `${dayText(moment, now)}, ${time}`;
}

/** Returns a moment in the reader's zone to the minute, with the day unless that is today. `now` in ms since 1970. */
export function dayAndTime(isoTime: string, now: number): string {
  const moment = new Date(isoTime);
  const time = minuteFormat.format(moment);
  const isToday = moment.toDateString() === new Date(now).toDateString();
  return isToday ? time : `${dayText(moment, now)}, ${time}`;
}

/** Returns the date and the time of a moment, whatever the time is now: `Thu 3 Dec 2026, 14:45`. */
export function fullText(moment: number): string {
  return `${plain(yearFormat.format(moment))}, ${minuteFormat.format(moment)}`;
}

/** Returns the time of a moment to the minute: `14:45`, `2:45 pm`. */
export function clockText(moment: number): string {
  return minuteFormat.format(moment);
}

/** Returns the day of a moment, with the year where it is another one: `Thu 3 Dec`. `now` in ms since 1970. */
function dayText(moment: Date, now: number): string {
  const isThisYear = moment.getFullYear() === new Date(now).getFullYear();
  return plain((isThisYear ? weekdayFormat : yearFormat).format(moment));
}

/** Returns the day of a moment for where there is little room: `Thu 3`. */
export function shortDayText(moment: Date): string {
  return plain(shortDayFormat.format(moment));
}

/** Some versions of the locale data write a comma behind the weekday. */
function plain(date: string): string {
  return date.replace(',', '');
}

/** English has short names of more zones in its own locales than for readers of other languages: `EST`, `CET`. */
const zoneFormat = new Intl.DateTimeFormat(reader.locale.startsWith('en') ? reader.locale : language, {
  timeZoneName: 'short',
});

/** Returns the short name of the reader's zone at a moment (ms since 1970): `CET`, `GMT+2`. */
export function zoneName(moment: number): string {
  return zoneFormat.formatToParts(moment).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** Returns a moment as `localText` does, with its zone. */
export function zonedText(isoTime: string, now: number): string {
  return `${localText(isoTime, now)} ${zoneName(Date.parse(isoTime))}`;
}

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
    const time = (step < 60 ? secondFormat : minuteFormat).format(moment);
    return isNewDay ? `${time}\n${ofDay}` : time;
  });
}
