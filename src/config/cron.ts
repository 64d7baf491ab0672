import { validate } from 'node-cron';
import { leaf } from './scalar-schema.ts';

const LARGEST = { second: 59, minute: 59, hour: 23, dayOfMonth: 31, month: 12, dayOfWeek: 7 };
const FIELDS = ['second', 'minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'] as const;

/**
 * Returns whether node-cron runs an expression as written: five or six fields (seconds first) or a name such as
 * `@hourly`, which node-cron accepts, and no step beyond its field, which node-cron accepts but runs as "at 0 only".
 */
export function isCronExpression(text: string): boolean {
  if (!validate(text)) return false;
  const fields = text.trim().split(/\s+/);
  return FIELDS.slice(-fields.length).every((name, index) =>
    (fields[index] ?? '').split(',').every((part) => Number(part.split('/')[1] ?? 0) <= LARGEST[name]),
  );
}

/** Returns a schema for a cron expression. */
export function cron() {
  return leaf<string>({
    read: (text) => (isCronExpression(text) ? text : undefined),
    remedy: 'a cron expression, seconds first, such as "*/30 * * * * *" for every 30 seconds',
    hints: { kind: 'cron', type: 'string', minLength: 1 },
  });
}

/** Returns a schema for the name of a time zone, as the IANA database and this machine know it. */
export function timezone() {
  return leaf<string>({
    read: (text) => (isTimezone(text) ? text : undefined),
    remedy: 'the name of a time zone, such as UTC or Europe/Berlin',
    hints: { kind: 'text', type: 'string', minLength: 1 },
  });
}

function isTimezone(text: string): boolean {
  // The usual zone needs no formatter, which costs memory and time.
  if (text === 'UTC') return true;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
