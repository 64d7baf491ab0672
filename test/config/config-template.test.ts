import { assert, asyncProperty, constantFrom, dictionary, oneof, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commentedConfig, type TemplateValues } from '../../src/config/config-template.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';

const groupId = '5e1234567890123456789012';
const liveMigrationId = '123456789012345678901234';
const env = { HOME: '/home/me' };

async function load(text: string): Promise<Config> {
  const result = await loadConfig({ file: 'it', env, readFile: () => Promise.resolve(text) });
  if (!result.ok) throw new Error(`${result.problems.join('\n')}\n${text}`);
  return result.config;
}

const write = (chosen: Record<string, TemplateValues>): string =>
  commentedConfig(chosen, { introduction: 'A configuration.' });

/** Texts that YAML, the loader or a terminal might take for something else. */
function hostileText(maxLength: number) {
  const special = '#:-?*&!|>%@`"\'{}[],$~ \\a'.split('');
  const words = ['null', '~', 'yes', '1e3', '0x1f', '---', '${HOME}', '$${A}', '- a', 'a: b', 'a #b'];
  return oneof(
    string({ unit: 'binary', minLength: 1, maxLength }),
    string({ unit: constantFrom(...special), minLength: 1, maxLength }),
    constantFrom(...words),
  ).filter((text) => text.trim() !== '' && !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text) && text !== '__proto__');
}

/** Takes away the # of what was not chosen. */
function uncommented(text: string): string {
  return text.replaceAll(/^( *)# ( *(?:- )?[a-zA-Z]+:(?: |$))/gm, '$1$2');
}

describe('a commented configuration', () => {
  it('says nothing of what was not chosen but in comments', async () => {
    const migrations = [{ groupId, liveMigrationId }];
    const active = write({ migrations })
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
    expect(active).toEqual([
      'migrations:',
      `  - groupId: "${groupId}"`,
      `    liveMigrationId: "${liveMigrationId}"`,
    ]);
    expect((await load(write({ migrations }))).migrations).toEqual([
      { name: liveMigrationId, groupId, liveMigrationId, labels: {} },
    ]);
  });

  it('keeps what was chosen at every depth, whatever is uncommented beside it', async () => {
    const text = write({
      migrations: [{ groupId, liveMigrationId, name: 'a' }],
      atlas: { baseUrl: 'http://127.0.0.1:1', auth: { type: 'serviceAccount', clientId: 'x' } },
      cutover: { warnBefore: ['2h', '1h'] },
      http: { listen: false },
      state: { path: '/tmp/$HOME/${HOME}.db' },
    });
    const expected = {
      atlas: { baseUrl: 'http://127.0.0.1:1', auth: { type: 'serviceAccount', clientId: 'x' } },
      cutover: { warnBefore: [7_200_000, 3_600_000] },
      http: { listen: false },
      state: { path: '/tmp/$HOME/${HOME}.db' },
    };
    expect(await load(text)).toMatchObject(expected);
    expect(await load(uncommented(text))).toMatchObject(expected);
  });

  it('gives editors the path of the schema', () => {
    const text = commentedConfig({}, { introduction: 'A.', schemaFile: './x.json' });
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/x\.json\n#\n# A\.\n/);
  });

  it('has no line that does not fit beside others', () => {
    for (const line of write({}).split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });

  it('gives every name and label back as it was, however hostile', async () => {
    await assert(
      asyncProperty(
        hostileText(30),
        dictionary(hostileText(20), hostileText(30), { maxKeys: 3 }),
        async (name, labels) => {
          const migration = { name, groupId, liveMigrationId, labels: { ...labels } };
          expect((await load(write({ migrations: [migration] }))).migrations).toEqual([migration]);
        },
      ),
      { numRuns: 100 },
    );
  });
});
