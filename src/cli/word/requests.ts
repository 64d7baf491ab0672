import { userInfo } from 'node:os';
import { parseDuration } from '../../config/duration.ts';
import { readMoment } from '../../config/moment.ts';
import { quoted } from '../../config/quoted.ts';
import type { OperatorRequest } from '../../state/operator-word.ts';
import { farthestMs } from '../../watch/migration/stated-words.ts';

/** What is asked, without whom it is about and who asks. */
export type Wish = OperatorRequest extends infer Request
  ? Request extends OperatorRequest
    ? Omit<
        Request,
        | 'id'
        | 'migration'
        | 'groupId'
        | 'liveMigrationId'
        | 'requestedAt'
        | 'author'
        | 'comment'
        | 'readySince'
      >
    : never
  : never;

export interface WordOptions {
  readonly config?: string;
  readonly comment?: string;
  readonly until?: string;
  readonly by?: string;
  readonly at?: string;
  readonly duration?: string;
  readonly clear?: boolean;
}

const longestComment = 500;

/** Returns what a command asks, or a sentence about what is wrong with its options. `now` in ms since 1970. */
export function wishOf(
  command: OperatorRequest['command'],
  options: WordOptions,
  now: number,
): Wish | string {
  const comment = commentProblem(options.comment);
  if (comment !== undefined) return comment;
  switch (command) {
    case 'extend':
      return extension(options);
    case 'ack': {
      const until = options.until === undefined ? undefined : momentOrSpan('--until', options.until, now);
      return typeof until === 'string' ? until : { command, ...(until !== undefined && { until }) };
    }
    case 'unack':
      return { command };
    case 'plan':
      return plan(options);
  }
}

/** Returns the user who gives a command: the one behind sudo, where there is one. */
export function authorOf(env: NodeJS.ProcessEnv): string {
  if (env.SUDO_USER) return env.SUDO_USER;
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user without a name.
    return `user ${process.getuid?.()}`;
  }
}

function extension({ until, by }: WordOptions): Wish | string {
  if ((until === undefined) === (by === undefined))
    return 'extend needs either --until with the end of the window, such as --until 2026-12-03T10:00:00Z, or --by with how much longer it is, such as --by 48h.';
  if (until !== undefined) {
    const moment = momentOf('--until', until);
    return typeof moment === 'string' ? moment : { command: 'extend', until: moment };
  }
  const byMs = spanOf('--by', by ?? '');
  return typeof byMs === 'string' ? byMs : { command: 'extend', byMs };
}

function plan({ at, duration, clear = false }: WordOptions): Wish | string {
  if ((at === undefined) === !clear || (clear && duration !== undefined))
    return 'plan needs either --at with the time of the cutover, such as --at 2026-11-29T02:00:00+01:00, or --clear alone.';
  if (at === undefined) return { command: 'plan' };
  const moment = momentOf('--at', at);
  const durationMs = duration === undefined ? undefined : spanOf('--duration', duration);
  if (typeof moment === 'string') return moment;
  if (typeof durationMs === 'string') return durationMs;
  return { command: 'plan', at: moment, ...(durationMs !== undefined && { durationMs }) };
}

function momentOf(option: string, text: string): number | string {
  const reading = readMoment(text);
  return reading.ok ? reading.moment : `${option} ${quoted(text)} is ${reading.clause}.`;
}

function spanOf(option: string, text: string): number | string {
  const span = parseDuration(text);
  if (span !== undefined && span > farthestMs)
    return `${option} ${quoted(text)} is longer than a year; give a shorter time.`;
  if (span !== undefined && span > 0) return span;
  return `${option} ${quoted(text)} is no length of time: write a whole number above 0 and a unit, such as 30m, 48h or 2d.`;
}

function momentOrSpan(option: string, text: string, now: number): number | string {
  return /^\d+[a-z]*$/.test(text) ? addTo(now, spanOf(option, text)) : momentOf(option, text);
}

function addTo(now: number, span: number | string): number | string {
  return typeof span === 'string' ? span : now + span;
}

function commentProblem(comment: string | undefined): string | undefined {
  if (comment === undefined) return undefined;
  const isLine = comment.trim() !== '' && !/[\p{Cc}\u2028\u2029]/u.test(comment);
  if (isLine && Array.from(comment).length <= longestComment) return undefined;
  return `--comment is empty, longer than ${longestComment} characters or not on one line; shorten it.`;
}
