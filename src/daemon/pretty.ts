import { prettyFactory } from 'pino-pretty';

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
    hideObject: true,
    translateTime: 'SYS:HH:MM:ss',
    ignore: 'level',
    customPrettifiers: { time: (time) => (typeof time === 'string' ? time : '') },
    messageFormat: (log, messageKey, _levelLabel, { colors }) => {
      const [sign, paint] = signsByEvent[String(log.event)] ?? signs[String(log.level)] ?? ['•', 'gray'];
      const text = String(log[messageKey]);
      return `${colors[paint](sign)} ${paint === 'cyan' || !colour ? text : colors[paint](text)}`;
    },
  });
}
