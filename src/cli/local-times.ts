const moment = (timeZone: string | undefined): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-US', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZone,
  });
const zoneName = (timeZone: string | undefined): Intl.DateTimeFormat =>
  // British English has the short names of European zones, and offsets for others.
  new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short', timeZone });

/** Renders moments for a person in a terminal. Times are in ms since 1970. */
export interface LocalTimes {
  /** The name of the zone: `Europe/Berlin`. */
  readonly zone: string;
  /** Returns a moment with its zone: `Thu 3 Dec 15:43 CET`. */
  readonly momentOf: (at: number) => string;
  /** Returns the weekday and the time: `Thu 15:43:20`. */
  readonly clockOf: (at: number) => string;
  /** Returns a sentence of the log with its moments in this zone, without its name. `writtenAt` gives the year. */
  readonly translate: (sentence: string, writtenAt: number) => string;
}

/** Of the sentences of the log, which are in UTC. A moment with its year belongs to a record and stays. */
const utcMoment =
  /(?<!\d-\d\d )\b(?:[A-Z][a-z]{2} (?<day>\d{1,2}) (?<month>[A-Z][a-z]{2}) )?(?<time>\d\d:\d\d(?<seconds>:\d\d)?) UTC\b/g;

/** Returns the times of the zone in which the person reads; another zone is for tests. */
export function localTimes(timeZone?: string): LocalTimes {
  const [format, naming] = [moment(timeZone), zoneName(timeZone)];
  const text = (at: number, { date, seconds }: { date: boolean; seconds: boolean }): string => {
    const part = partsOf(format, at);
    const time = `${part('hour')}:${part('minute')}${seconds ? `:${part('second')}` : ''}`;
    return date ? `${part('weekday')} ${part('day')} ${part('month')} ${time}` : time;
  };
  return {
    zone: format.resolvedOptions().timeZone,
    momentOf: (at) => `${text(at, { date: true, seconds: false })} ${partsOf(naming, at)('timeZoneName')}`,
    clockOf: (at) => `${partsOf(format, at)('weekday')} ${text(at, { date: false, seconds: true })}`,
    translate: (sentence, writtenAt) =>
      sentence.replaceAll(utcMoment, (whole, ...rest) => {
        const { day, month, time, seconds } = rest.at(-1) as Readonly<Record<string, string | undefined>>;
        const at = momentNear(writtenAt, { day, month, time });
        const shown = { date: day !== undefined, seconds: seconds !== undefined };
        return Number.isNaN(at) ? whole : text(at, shown);
      }),
  };
}

function partsOf(format: Intl.DateTimeFormat, at: number): (type: Intl.DateTimeFormatPartTypes) => string {
  const parts = format.formatToParts(at);
  return (type) => parts.find((part) => part.type === type)?.value ?? '';
}

/** Half a year: of the years that a day without one may mean, the nearest is meant. */
const halfYearMs = 183 * 86_400_000;

function momentNear(
  writtenAt: number,
  { day, month, time }: Readonly<Record<'day' | 'month' | 'time', string | undefined>>,
): number {
  const date = new Date(writtenAt);
  if (day === undefined) return Date.parse(`${date.toISOString().slice(0, 10)}T${time}Z`);
  const years = [-1, 0, 1].map((shift) => date.getUTCFullYear() + shift);
  const moments = years.map((year) => Date.parse(`${day} ${month} ${year} ${time} UTC`));
  return moments.find((at) => Math.abs(at - writtenAt) <= halfYearMs) ?? Number.NaN;
}
