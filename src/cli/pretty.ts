import { prettyFactory } from 'pino-pretty';
import stringWidth from 'string-width';
import { cleanText } from '../atlas/clean-text.ts';
import { documentedStatuses } from '../atlas/migration-resource.ts';
import type { EventName } from '../events/catalogue.ts';
import { endWord } from '../events/end-words.ts';
import { eventSign, type SignTone } from '../events/event-sign.ts';
import { type LocalTimes, localTimes } from './local-times.ts';
import { wrapToWidth } from './text-width.ts';

type Paint = 'red' | 'yellow' | 'green' | 'cyan' | 'gray';

const paints: Readonly<Record<SignTone, Paint>> = {
  ready: 'yellow',
  good: 'green',
  error: 'red',
  warn: 'yellow',
  info: 'cyan',
  quiet: 'gray',
};

export interface PrettyOptions {
  readonly color: boolean;
  /** Names of the migrations, for the width of their column. */
  readonly names: readonly string[];
  /** Returns the width of the terminal for wrapping sentences; undefined if there is none. */
  readonly columns?: () => number | undefined;
  /** Default: the zone of the reader. */
  readonly times?: LocalTimes;
}

/** One long name must not move every sentence to the right. */
const widestNames = 24;
/** In less room than this, the terminal breaks the lines. */
const leastSentence = 30;

/**
 * Returns a function that renders one line of JSON for people: local time, a sign, the name of the migration, and the
 * sentence without that name, in the zone of the reader. A window of 120 hours spans several days, so the time has a
 * weekday. A line that says what the next one says too is empty.
 */
export function createPrettyRenderer(options: PrettyOptions): (line: string) => string {
  const { color, names, columns, times = localTimes() } = options;
  const withoutRepetition = remedyOnce();
  const nameWidth = Math.min(widestNames, Math.max(0, ...names.map((name) => stringWidth(cleaned(name)))));
  const render = prettyFactory({
    colorize: color,
    // Otherwise pino-pretty paints every message cyan.
    customColors: 'message:reset',
    hideObject: true,
    // The message has the time and the level: pino-pretty would put a colon after them.
    ignore: 'time,level',
    messageFormat: (log, messageKey, _levelLabel, { colors }) => {
      const { sign, tone } = eventSign(String(log.event), String(log.level));
      const paint = paints[tone];
      const clock = times.clockOf(Date.parse(String(log.time)));
      const { name, sentence } = splitName(
        cleaned(log.migration),
        messageOf(withoutRepetition(log, messageKey), log, times),
      );
      const padding = ' '.repeat(Math.max(0, nameWidth - stringWidth(name)) + (nameWidth > 0 ? 2 : 0));
      const margin = stringWidth(`${clock} ${sign} ${name}${padding}`);
      const room = (columns?.() ?? Number.POSITIVE_INFINITY) - margin;
      const painted = paint === 'cyan' ? sentence : colors[paint](sentence);
      const lines = room < leastSentence ? [painted] : wrapToWidth(painted, room);
      const head = `${colors.gray(clock)} ${colors[paint](sign)} ${colors.bold(name)}${padding}`;
      return head + lines.join(`\n${' '.repeat(margin)}`);
    },
  });
  return (line) => {
    const log = JSON.parse(line) as Readonly<Record<string, unknown>>;
    return isSaidByNext(log) ? '' : render(log);
  };
}

/**
 * Returns whether another event of the same observation says more: an end has an event of its own beside the change
 * of the status, and what is ready, has ended or has an undocumented status at first sight has one beside the first observation.
 */
function isSaidByNext({ event, to, status, readyForCutover }: Readonly<Record<string, unknown>>): boolean {
  switch (event as EventName) {
    case 'migration.status_changed':
      return endWord(String(to)) !== undefined;
    case 'migration.first_seen':
      return readyForCutover === true || endWord(String(status)) !== undefined || isUndocumented(status);
    default:
      return false;
  }
}

function isUndocumented(status: unknown): boolean {
  return typeof status === 'string' && !documentedStatuses.has(status);
}

/** For so long a remedy is still on the screen, in ms. */
const remedyShownMs = 5 * 60_000;

/** Returns what takes a remedy out of a sentence where one just before has it: a fault of all is explained once. */
function remedyOnce(): (log: Readonly<Record<string, unknown>>, key: string) => string {
  let shown = { remedy: '', at: Number.NEGATIVE_INFINITY };
  return (log, key) => {
    const [message, remedy, at] = [cleaned(log[key]), cleaned(log.remedy), Date.parse(String(log.time))];
    if (remedy === '' || !message.includes(` ${remedy}`)) return message;
    if (remedy === shown.remedy && at - shown.at < remedyShownMs) return message.replace(` ${remedy}`, '');
    shown = { remedy, at };
    return message;
  };
}

/** The first line names the zone, so that no other needs to. */
function messageOf(text: string, log: Readonly<Record<string, unknown>>, times: LocalTimes): string {
  const message = times.translate(text, Date.parse(String(log.time)));
  if (log.event !== 'watcher.started') return message;
  // The address of the page stays at the end, to be seen and copied.
  return message.replace(/(?= Status page: |$)/, ` Times are in the zone ${times.zone}.`);
}

/** A sentence about one migration begins with its name; a sentence about several does not. */
function splitName(name: string, message: string): { readonly name: string; readonly sentence: string } {
  return name !== '' && message.startsWith(`${name} `)
    ? { name, sentence: message.slice(name.length + 1) }
    : { name: '', sentence: message };
}

/** Parsing JSON restores the control characters that it had escaped. */
function cleaned(text: unknown): string {
  return typeof text === 'string' ? cleanText(text, Number.POSITIVE_INFINITY) : '';
}
