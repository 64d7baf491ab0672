import { catalogue, type EventName } from './catalogue.ts';
import { migrationFields } from './fields.ts';

/** Returns the catalogue as a Markdown table: event, level, when it is emitted, and the fields of its own. */
export function eventReference(): string {
  const names = Object.keys(catalogue) as EventName[];
  const rows = names.map((name) => {
    const { level, when, fields } = catalogue[name];
    const common = Object.hasOwn(fields.shape, 'eventId') ? migrationFields : {};
    const own = Object.keys(fields.shape).filter((field) => !Object.hasOwn(common, field));
    const levels = typeof level === 'string' ? level : 'by case';
    return `| \`${name}\` | ${levels} | ${when} | ${own.map((field) => `\`${field}\``).join(', ')} |`;
  });
  return `${['| Event | Level | When | Fields of its own |', '| --- | --- | --- | --- |', ...rows].join('\n')}\n`;
}
