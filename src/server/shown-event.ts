import type { EventRecord } from '../events/event-record.ts';
import type { ServerContext } from './context.ts';

interface LogOnly {
  readonly fields: readonly string[];
  /** What is shown in place of the sentence, which has these fields in words. */
  readonly msg: string;
}

/** Fields with paths of this machine or parts of its configuration: they are for readers of the log alone. */
const logOnly: Readonly<Record<string, LogOnly>> = {
  'watcher.config_reloaded': {
    fields: ['warnings'],
    msg: 'Configuration reloaded. The log has warnings about it.',
  },
  'watcher.config_rejected': {
    fields: ['problems'],
    msg: 'The new configuration was rejected; the old one stays in use. The log says what to correct.',
  },
  'watcher.state_unavailable': {
    fields: ['path', 'remedy'],
    msg: 'The state cannot be written. Watching continues from memory. The log says why.',
  },
};

/** Returns an event as everybody who can reach the server may see it. */
export function shownEvent(record: EventRecord, { redact }: ServerContext): EventRecord {
  const { fields, msg } = logOnly[record.event] ?? { fields: [], msg: record.msg };
  if (fields.every((field) => record[field] === undefined)) return redact.event(record);
  const hidden = Object.fromEntries(fields.map((field) => [field, undefined]));
  return redact.event({ ...record, ...hidden, msg });
}
