import { prettyFactory } from 'pino-pretty';
import { cleanText } from '../atlas/clean-text.ts';
import { lineWidth, wrapToWidth } from './line-width.ts';

type Paint = 'red' | 'yellow' | 'green' | 'cyan' | 'gray';

const signs: Readonly<Record<string, readonly [sign: string, paint: Paint]>> = {
  debug: ['·', 'gray'],
  info: ['•', 'cyan'],
  warn: ['▲', 'yellow'],
  error: ['✖', 'red'],
};

/** Good news and the watcher's own affairs have a sign of their own; the level speaks for the rest. */
const signsByEvent: Readonly<Record<string, readonly [sign: string, paint: Paint]>> = {
  'migration.ready_for_cutover': ['★', 'yellow'],
  'migration.lag_recovered': ['✔', 'green'],
  'migration.completed': ['✔', 'green'],
  'watcher.recovered': ['✔', 'green'],
  'watcher.state_recovered': ['✔', 'green'],
  'watcher.heartbeat': ['♥', 'gray'],
};

export interface PrettyOptions {
  readonly colour: boolean;
  /** Names of the migrations, for the width of their column. */
  readonly names: readonly string[];
  /** Returns the width of the terminal, to break sentences below themselves; undefined where there is none. */
  readonly columns?: () => number | undefined;
}

/** One long name must not push every sentence to the right. */
const widestNames = 24;
/** In less room than this, lines are left for the terminal to break. */
const leastSentence = 30;
const clockFormat = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/**
 * Returns a function that turns one line of JSON into what people read: local time, a sign, the name of the
 * migration, and the sentence without that name. The weekday tells the days of a window of 120 hours apart.
 */
export function createPrettyRenderer({ colour, names, columns }: PrettyOptions): (line: string) => string {
  const nameWidth = Math.min(widestNames, Math.max(0, ...names.map((name) => lineWidth(cleaned(name)))));
  return prettyFactory({
    colorize: colour,
    // Otherwise pino-pretty paints every message cyan.
    customColors: 'message:reset',
    hideObject: true,
    // Time and level stand in the message: pino-pretty would part them from it by a colon.
    ignore: 'time,level',
    messageFormat: (log, messageKey, _levelLabel, { colors }) => {
      const [sign, paint] = signsByEvent[String(log.event)] ?? signs[String(log.level)] ?? ['•', 'gray'];
      const clock = clockFormat.format(new Date(String(log.time))).replace(',', '');
      const { name, sentence } = splitName(cleaned(log.migration), cleaned(log[messageKey]));
      const padding = ' '.repeat(Math.max(0, nameWidth - lineWidth(name)) + (nameWidth > 0 ? 2 : 0));
      const margin = lineWidth(`${clock} ${sign} ${name}${padding}`);
      const room = (columns?.() ?? Number.POSITIVE_INFINITY) - margin;
      const lines = room < leastSentence ? [sentence] : wrapToWidth(sentence, room);
      // Every line by itself, so that no colour reaches across the margin.
      const painted = lines.map((line) => (paint === 'cyan' ? line : colors[paint](line)));
      const head = `${colors.gray(clock)} ${colors[paint](sign)} ${colors.bold(name)}${padding}`;
      return head + painted.join(`\n${' '.repeat(margin)}`);
    },
  });
}

/** Sentences about a migration begin with its name, but for those in which it speaks for others. */
function splitName(name: string, message: string): { readonly name: string; readonly sentence: string } {
  return name !== '' && message.startsWith(`${name} `)
    ? { name, sentence: message.slice(name.length + 1) }
    : { name: '', sentence: message };
}

/** JSON escaped what could drive a terminal; reading it has brought it back. */
function cleaned(text: unknown): string {
  return typeof text === 'string' ? cleanText(text, Number.POSITIVE_INFINITY) : '';
}
