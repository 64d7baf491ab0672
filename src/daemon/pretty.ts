import { prettyFactory } from 'pino-pretty';
import { cleanText } from '../atlas/clean-text.ts';

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
  'migration.completed': ['✔', 'green'],
  'watcher.recovered': ['✔', 'green'],
  'watcher.heartbeat': ['♥', 'gray'],
};

/** Returns a function that turns one line of JSON into one for people: local time, a sign, the sentence. */
export function createPrettyRenderer(colour: boolean): (line: string) => string {
  return prettyFactory({
    colorize: colour,
    // Otherwise pino-pretty paints every message cyan.
    customColors: 'message:reset',
    hideObject: true,
    // Time and level stand in the message: pino-pretty would part them from it by a colon.
    ignore: 'time,level',
    messageFormat: (log, messageKey, _levelLabel, { colors }) => {
      const [sign, paint] = signsByEvent[String(log.event)] ?? signs[String(log.level)] ?? ['•', 'gray'];
      const time = new Date(String(log.time)).toLocaleTimeString('en-GB');
      // JSON escaped what could drive a terminal; reading it has brought it back.
      const text = cleanText(String(log[messageKey]), Number.POSITIVE_INFINITY);
      return `${colors.gray(time)} ${colors[paint](sign)} ${paint === 'cyan' ? text : colors[paint](text)}`;
    },
  });
}
