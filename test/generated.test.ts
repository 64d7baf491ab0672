import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commentedConfig } from '../src/config/config-template.ts';
import { configJsonSchema } from '../src/config/json-schema.ts';
import { configReference } from '../src/config/reference.ts';
import { eventsJsonSchema } from '../src/events/json-schema.ts';
import { eventReference } from '../src/events/reference.ts';
import { eventsPage } from './events/page/events-page.ts';

/** Where one of these fails, `npm run generate` writes the file anew. */
const readme = new URL('../README.md', import.meta.url);

test('the tables in the README are those of the schemas', async () => {
  const text = readFileSync(readme, 'utf8');
  const current = withTable(withTable(text, 'configuration', configReference()), 'events', eventReference());
  await expect(current).toMatchFileSnapshot('../README.md');
});

test('config/cutover-watch.schema.json is the schema of the configuration', async () => {
  await expect(`${JSON.stringify(configJsonSchema(), undefined, 2)}\n`).toMatchFileSnapshot(
    '../config/cutover-watch.schema.json',
  );
});

test('config/cutover-watch.example.yaml explains every key as the schema does', async () => {
  const introduction =
    'Configuration of cutover-watch. `cutover-watch init` writes such a file with your own values. By hand: copy this one to config/cutover-watch.yaml, put your own ids under `migrations`, give the credentials (see `atlas.auth`), and look at the result with `cutover-watch validate`.';
  const example = commentedConfig(
    {
      migrations: [
        {
          name: 'orders',
          groupId: '5f7f5f5f5f5f5f5f5f5f5f5f',
          liveMigrationId: '7e68e12770616e75e6df43d0',
          labels: { team: 'payments' },
        },
      ],
      atlas: { auth: { type: 'apiKey' } },
    },
    { introduction, schemaFile: './cutover-watch.schema.json' },
  );
  await expect(example).toMatchFileSnapshot('../config/cutover-watch.example.yaml');
});

test('config/events.schema.json is the schema of the events', async () => {
  await expect(`${JSON.stringify(eventsJsonSchema(), undefined, 2)}\n`).toMatchFileSnapshot(
    '../config/events.schema.json',
  );
});

test('config/events.md shows a line of every event, as the program writes it', async () => {
  await expect(await eventsPage()).toMatchFileSnapshot('../config/events.md');
});

/** Puts a table between the two marks of this name. */
function withTable(text: string, name: string, table: string): string {
  const begin = `<!-- generated: ${name} -->\n`;
  const end = `<!-- end: ${name} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md has no place for the table of ${name}.`);
  return `${text.slice(0, from + begin.length)}\n${table}\n${text.slice(to)}`;
}
