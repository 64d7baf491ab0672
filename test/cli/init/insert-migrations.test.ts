import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { insertMigrations } from '../../../src/cli/init/insert-migrations.ts';
import { interpolate } from '../../../src/config/interpolate.ts';
import { loadConfig } from '../../../src/config/load.ts';

const groupId = '5f7f5f5f5f5f5f5f5f5f5f5f';
const added = { name: 'new', groupId, liveMigrationId: '7e68e12770616e75e6df43d9' };
const item = (indent: string) =>
  `${indent}- name: new\n${indent}  groupId: ${groupId}\n${indent}  liveMigrationId: 7e68e12770616e75e6df43d9\n`;
const inBrackets = JSON.stringify(added);

function textAfter(text: string): string {
  const result = insertMigrations(text, [added]);
  return result.ok ? result.text : `REFUSED ${result.reason}`;
}

function read(written: string) {
  return loadConfig({ file: 'w', env: { HOME: '/h' }, readFile: () => Promise.resolve(written) });
}

describe('a migration is added', () => {
  test.each([
    {
      rule: 'after the last one, at the depth of the others',
      before: 'migrations:\n  - a/b\nlog: {}\n',
      after: `migrations:\n  - a/b\n${item('  ')}log: {}\n`,
    },
    {
      rule: 'at the depth of the key itself where the others are',
      before: 'migrations:\n- name: x # the first\nlog: {}\n',
      after: `migrations:\n- name: x # the first\n${item('')}log: {}\n`,
    },
    {
      rule: 'after the comments of the last one, and before those of what follows',
      before: 'migrations:\n  - name: x\n    # labels: {}\n\n  # another\n# log\nlog: {}\n',
      after: `migrations:\n  - name: x\n    # labels: {}\n${item('  ')}\n  # another\n# log\nlog: {}\n`,
    },
    {
      rule: 'at the end of a file without a last line break',
      before: 'migrations:\n  - labels: { a: b }',
      after: `migrations:\n  - labels: { a: b }\n${item('  ')}`,
    },
    {
      rule: 'after a text of several lines',
      before: 'migrations:\n  - name: >-\n      long\n      text\nlog: {}\n',
      after: `migrations:\n  - name: >-\n      long\n      text\n${item('  ')}log: {}\n`,
    },
    {
      rule: 'in brackets where the list is in brackets',
      before: 'migrations: [a/b] # all\n',
      after: `migrations: [a/b, ${inBrackets}] # all\n`,
    },
    {
      rule: 'on a line of its own in JSON of several lines',
      before: '{\n  "migrations": [\n    { "name": "x" }\n  ]\n}\n',
      after: `{\n  "migrations": [\n    { "name": "x" },\n    ${inBrackets}\n  ]\n}\n`,
    },
    {
      rule: 'to an empty list',
      before: 'include: [x.yaml]\nmigrations: []\n',
      after: `include: [x.yaml]\nmigrations: [${inBrackets}]\n`,
    },
    {
      rule: 'as a new list where all others are included',
      before: 'include: [x.yaml]\n',
      after: `include: [x.yaml]\nmigrations:\n${item('  ')}`,
    },
  ])('$rule', ({ before, after }) => {
    expect(textAfter(before)).toBe(after);
    // Windows ends lines with two characters.
    expect(textAfter(before.replaceAll('\n', '\r\n'))).toBe(after.replaceAll('\n', '\r\n'));
  });

  test('not where the list is written in an unusual way', () => {
    expect(textAfter('x: &m [a/b]\nmigrations: *m\n')).toBe('REFUSED its migrations are not a plain list');
    expect(textAfter('{"include": []}')).toBe('REFUSED it has no list of migrations yet');
    expect(textAfter('- a\n')).toBe('REFUSED its top level is not made of keys');
  });

  test('as one line where it has neither name nor labels, and with dollars that stay dollars', () => {
    const bare = { groupId, liveMigrationId: '123456789012345678901234' };
    const result = insertMigrations('migrations:\n  - a/b\n', [bare, { ...bare, name: `$\{X} $$` }]);
    const { migrations } = parse(result.ok ? result.text : '', { schema: 'failsafe' });
    expect(migrations[1]).toBe(`${groupId}/123456789012345678901234`);
    expect(migrations[2]).toMatchObject({ groupId, liveMigrationId: bare.liveMigrationId });
    expect(interpolate(migrations[2].name, {})).toMatchObject({ ok: true, text: `$\{X} $$` });
  });
});

test('whatever the file looks like, nothing else changes in it', async () => {
  const id = fc.integer({ min: 0, max: 99 }).map((n) => n.toString(16).padStart(24, '0'));
  const text = fc.string({ unit: fc.constantFrom('a', '#', ':', ' ', '"', "'", '-', '{', 'é', '!') });
  const name = text.filter((each) => each.trim() !== '').map((each) => each.slice(0, 50));
  const migration = fc.record(
    {
      name,
      groupId: id,
      liveMigrationId: id,
      labels: fc.dictionary(fc.constantFrom('a', 'b c'), text),
      cutover: fc.constant({ window: '24h', warnBefore: ['1h'] }),
    },
    { requiredKeys: ['groupId', 'liveMigrationId'] },
  );
  const file = fc.record({
    migrations: fc.uniqueArray(
      fc.oneof(
        migration,
        id.map((each) => `${groupId}/${each}`),
      ),
      {
        minLength: 1,
        maxLength: 5,
        selector: (one) => JSON.stringify(one),
      },
    ),
    log: fc.record({ level: fc.constantFrom('info', 'warn') }),
  });
  const style = fc.record({
    indent: fc.constantFrom(1, 2, 4),
    indentSeq: fc.boolean(),
    collectionStyle: fc.constantFrom('any', 'block', 'flow'),
    lineWidth: fc.constantFrom(0, 40),
  });
  await fc.assert(
    fc.asyncProperty(file, style, fc.constantFrom('', '# end\n', '\n\n'), async (given, how, end) => {
      const before = stringify(given, how) + end;
      const former = await read(before);
      fc.pre(former.ok);
      const result = insertMigrations(before, [added]);
      if (!result.ok) throw new Error(`${result.reason}: ${before}`);
      const later = await read(result.text);
      if (!later.ok || !former.ok) throw new Error(`${before}\n=>\n${result.text}`);
      const { migrations, ...rest } = later.config;
      const { migrations: formerMigrations, ...formerRest } = former.config;
      expect(rest).toEqual(formerRest);
      expect(migrations).toEqual([...formerMigrations, { ...added, labels: {} }]);
    }),
    { numRuns: 150 },
  );
});
