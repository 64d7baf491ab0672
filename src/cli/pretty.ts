import { prettyFactory } from 'pino-pretty';
import stringWidth from 'string-width';
import { cleanText } from '../atlas/clean-text.ts';
import { eventSign, type SignTone } from '../events/event-sign.ts';
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
}

/** One long name must not move every sentence to the right. */
const widestNames = 24;
/** In less room than this, the terminal breaks the lines. */
const leastSentence = 30;
const clockFormat = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/**
 * Returns a function that renders one line of JSON for people: local time, a sign, the name of the migration, and the
 * sentence without that name. A window of 120 hours spans several days, so the time has a weekday.
 */
export function createPrettyRenderer({ color, names, columns }: PrettyOptions): (line: string) => string {
  const nameWidth = Math.min(widestNames, Math.max(0, ...names.map((name) => stringWidth(cleaned(name)))));
  return prettyFactory({
    colorize: color,
    // Otherwise pino-pretty paints every message cyan.
    customColors: 'message:reset',
    hideObject: true,
    // The message has the time and the level: pino-pretty would put a colon after them.
    ignore: 'time,level',
    messageFormat: (log, messageKey, _levelLabel, { colors }) => {
      const { sign, tone } = eventSign(String(log.event), String(log.level));
      const paint = paints[tone];
      const clock = clockFormat.format(new Date(String(log.time))).replace(',', '');
      const { name, sentence } = splitName(cleaned(log.migration), cleaned(log[messageKey]));
      const padding = ' '.repeat(Math.max(0, nameWidth - stringWidth(name)) + (nameWidth > 0 ? 2 : 0));
      const margin = stringWidth(`${clock} ${sign} ${name}${padding}`);
      const room = (columns?.() ?? Number.POSITIVE_INFINITY) - margin;
      const painted = paint === 'cyan' ? sentence : colors[paint](sentence);
      const lines = room < leastSentence ? [painted] : wrapToWidth(painted, room);
      const head = `${colors.gray(clock)} ${colors[paint](sign)} ${colors.bold(name)}${padding}`;
      return head + lines.join(`\n${' '.repeat(margin)}`);
    },
  });
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
