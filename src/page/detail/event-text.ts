import type { EventRecord } from '../../events/event-record.ts';

/** Returns a moment (ISO 8601) for the reader. */
export type When = (isoTime: string) => string;

const sentences: Readonly<Record<string, (name: string, before: string, event: EventRecord) => string>> = {
  'migration.ready_for_cutover': (name, before, event) =>
    `${name} is ready for cutover${event.readyAgain === true ? ' again' : ''}. Cut over ${before}.${
      event.readySinceKnown === false ? ' It may have been ready before it was first seen.' : ''
    }${event.windowContinued === true ? ' The window counts from the first time it was ready.' : ''}${
      event.readyAgain === true && event.windowContinued !== true
        ? ' Atlas may still count from the first time it was ready.'
        : ''
    }`,
  'migration.cutover_reminder': (name, before, event) => `${name} ${stillReady(event)}: cut over ${before}.`,
  'migration.cutover_deadline_near': (name, before, event) =>
    `${name} must be cut over ${before}.${
      event.cutoverMayHaveBegun === true ? ' The cutover seems to have begun.' : ''
    }`,
  'migration.cutover_deadline_passed': (name) =>
    `${name} was not cut over before the estimated end of its window. Check in Atlas whether it was extended.`,
};

function stillReady({ lastReadSecondsAgo }: EventRecord): string {
  return lastReadSecondsAgo === undefined ? 'is still ready' : 'was ready when it was last read';
}

/**
 * Returns the sentence of an event with its times for the reader: where its fields have the moment that matters, from
 * those; else its own sentence, with the moments in it that are in UTC written for the reader.
 */
export function eventText(record: EventRecord, when: When): string {
  const sentence = sentences[record.event];
  const { deadline } = record;
  if (sentence !== undefined && typeof deadline === 'string' && !Number.isNaN(Date.parse(deadline)))
    return sentence(String(record.migration), `before ${when(deadline)}`, record);
  return withLocalTimes(record, when);
}

const isoMoment = /\b(\d{4}-\d\d-\d\d) (\d\d:\d\d(?::\d\d)?) UTC\b/g;
/** Moments of these days have no year. */
const dayMoment =
  /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)) (\d\d:\d\d(?::\d\d)?) UTC\b/g;
const halfYearMs = 182 * 86_400_000;

function withLocalTimes({ msg, time }: EventRecord, when: When): string {
  const written = Date.parse(time);
  const year = new Date(written).getUTCFullYear();
  const local = (at: number, text: string): string =>
    Number.isNaN(at) ? text : when(new Date(at).toISOString());
  return msg
    .replaceAll(isoMoment, (text, day: string, clock: string) => local(Date.parse(`${day}T${clock}Z`), text))
    .replaceAll(dayMoment, (text, day: string, clock: string) => {
      const near = [year - 1, year, year + 1].map((each) => Date.parse(`${day} ${each} ${clock} UTC`));
      return local(near.find((at) => Math.abs(at - written) < halfYearMs) ?? Number.NaN, text);
    });
}
