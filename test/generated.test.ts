import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { manPage } from '../src/cli/man-page.ts';
import { createProgram } from '../src/cli/program.ts';
import { readVersion } from '../src/cli/program-name.ts';
import { commentedConfig } from '../src/config/config-template.ts';
import { configJsonSchema, includedJsonSchema } from '../src/config/json-schema.ts';
import { configReference } from '../src/config/keys.ts';
import { eventReference } from '../src/events/catalogue.ts';
import { eventsJsonSchema } from '../src/events/json-schema.ts';
import { recordedLines } from './events/page/recorded-lines.ts';
import { notificationBodies } from './sinks/notification-bodies.ts';

// Where one of these fails, `npm run generate` writes the file again.

test('config/README.md has the table of every key', async () => {
  const page = withGenerated('../config/README.md', { configuration: configReference() });
  await expect(page).toMatchFileSnapshot('../config/README.md');
});

test('config/events.md has the table of every event, and a line of each as the program writes it', async () => {
  const page = withGenerated('../config/events.md', {
    events: eventReference(),
    lines: await recordedLines(),
  });
  await expect(page).toMatchFileSnapshot('../config/events.md');
});

test('config/notifications.md has what each type of receiver gets', async () => {
  const page = withGenerated('../config/notifications.md', notificationBodies());
  await expect(page).toMatchFileSnapshot('../config/notifications.md');
});

test('config/cutover-watch.schema.json is the schema of the configuration', async () => {
  await expect(`${JSON.stringify(configJsonSchema(), undefined, 2)}\n`).toMatchFileSnapshot(
    '../config/cutover-watch.schema.json',
  );
});

test('config/migrations.schema.json is the schema of an included file', async () => {
  await expect(`${JSON.stringify(includedJsonSchema(), undefined, 2)}\n`).toMatchFileSnapshot(
    '../config/migrations.schema.json',
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

test('config/cutover-watch.1 has all commands and options', async () => {
  const page = manPage(
    createProgram(() => {}),
    readVersion(),
  );
  await expect(page).toMatchFileSnapshot('../config/cutover-watch.1');
});

/** Returns the text of a page with each of these parts between its two marks. */
function withGenerated(path: string, parts: Readonly<Record<string, string>>): string {
  const text = readFileSync(new URL(path, import.meta.url), 'utf8');
  return Object.entries(parts).reduce((page, [name, part]) => {
    const begin = `<!-- generated: ${name} -->\n`;
    const end = `<!-- end: ${name} -->`;
    const from = page.indexOf(begin);
    const to = page.indexOf(end);
    if (from < 0 || to < from) throw new Error(`${path} has no place for its part "${name}".`);
    return `${page.slice(0, from + begin.length)}\n${part}\n${page.slice(to)}`;
  }, text);
}
