import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { wishOf } from '../../src/cli/word/requests.ts';
import { loadConfig } from '../../src/config/load.ts';
import { catalogue } from '../../src/events/catalogue.ts';
import { planRisks } from '../../src/state/operator-word.ts';

const page = readFileSync(new URL('../../config/operator.md', import.meta.url), 'utf8');

test('config/operator.md has a configuration that loads', async () => {
  const [, yaml = ''] = /```yaml\n([^`]*)```/.exec(page) ?? [];
  const result = await loadConfig({
    file: 'cutover-watch.yaml',
    env: { HOME: '/home/me' },
    readFile: () => Promise.resolve(yaml),
  });
  expect(result).toMatchObject({
    ok: true,
    config: {
      migrations: [
        {
          cutover: {
            deadline: Date.UTC(2026, 11, 3, 10),
            plannedAt: Date.UTC(2026, 10, 29, 1),
            planDuration: 7_200_000,
          },
        },
      ],
    },
  });
});

test.each([...page.matchAll(/^cutover-watch (extend|ack|unack|plan) orders ?(.*)$/gm)].map(([line]) => line))(
  'config/operator.md has a command that is understood: %s',
  (line) => {
    const [, command = 'ack', rest = ''] = /^cutover-watch (\w+) orders ?(.*)$/.exec(line) ?? [];
    const given = [...rest.matchAll(/--(\w+)(?: ("[^"]*"|[^-"\s]\S*))?/g)].map(
      ([, name = '', value]) => [name, value?.replaceAll('"', '') ?? true] as const,
    );
    const wish = wishOf(command as 'ack', Object.fromEntries(given), 0);
    expect(wish).toMatchObject({ command });
  },
);

test('config/operator.md names every cause of a risk and every reason of a refusal', () => {
  const { reason } = catalogue['watcher.request_refused'].fields.shape as unknown as {
    readonly reason: { readonly options: readonly string[] };
  };
  for (const word of [...planRisks, ...reason.options]) expect(page).toContain(`\`${word}\``);
});
