import { describe, expect, test } from 'vitest';
import type { IncludedFile } from '../../src/config/included.ts';
import { loadConfig } from '../../src/config/load.ts';

const group = '5f7f5f5f5f5f5f5f5f5f5f5f';
const one = `${group}/7e68e12770616e75e6df43d1`;
const two = `${group}/7e68e12770616e75e6df43d2`;
const secret = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';

/** Loads a file that includes these, by name. */
function load(main: string, files: Readonly<Record<string, string | { fault: string }>> = {}) {
  const found: IncludedFile[] = Object.entries(files).map(([name, content]) => ({
    path: `etc/migrations.d/${name}`,
    ...(typeof content === 'string' ? { text: content } : content),
  }));
  return loadConfig({
    file: 'etc/watch.yaml',
    env: { HOME: '/h', NAME: '!' },
    readFile: () => Promise.resolve(`include: [migrations.d/*.yaml]\n${main}`),
    readIncluded: (patterns) =>
      Promise.resolve({ files: found, unmatched: found.length === 0 ? [...patterns] : [] }),
  });
}

async function problemsOf(...given: Parameters<typeof load>): Promise<readonly string[]> {
  const result = await load(...given);
  return result.ok ? [] : result.problems;
}

describe('a configuration that includes files', () => {
  test('watches the migrations of the main file and then those of each file', async () => {
    const result = await load(`migrations: [${one}]\n`, {
      'a.yaml': `migrations:\n  - ${two}\n`,
      'b.json': JSON.stringify({ migrations: [{ name: 'b', groupId: group, liveMigrationId: group }] }),
    });
    const names = result.ok ? result.config.migrations.map(({ name }) => name) : result.problems;
    expect(names).toEqual([one.slice(25), two.slice(25), 'b']);
    expect(result).not.toHaveProperty('config.include');
  });

  test('needs no migrations of its own', async () => {
    expect(await problemsOf('', { 'a.yaml': `migrations: [${one}]\n` })).toEqual([]);
    expect(await problemsOf('', { 'a.yaml': 'migrations: []\n' })).toEqual([
      'etc/watch.yaml: migrations is missing; list at least one migration, with its groupId and liveMigrationId.',
    ]);
  });

  test('warns of a pattern that finds no file', async () => {
    expect(await load(`migrations: [${one}]\n`)).toMatchObject({
      ok: true,
      warnings: ['etc/watch.yaml: include finds no file for migrations.d/*.yaml.'],
    });
  });

  test.each([
    {
      rule: 'a wrong value names its file and its line',
      files: { 'a.yaml': `migrations:\n  - ${two}\n  - groupId: ${group}\n    liveMigrationId: 5\n` },
      problems: [
        'etc/migrations.d/a.yaml: line 4: migrations[1].liveMigrationId is "5"; write the live migration id, 24 characters 0-9 and a-f in lower case.',
      ],
    },
    {
      rule: 'a missing key names the line of its migration',
      files: { 'a.yaml': `migrations:\n  - name: x\n    groupId: ${group}\n` },
      problems: [
        'etc/migrations.d/a.yaml: line 2: migrations[0].liveMigrationId is missing; write the live migration id, 24 characters 0-9 and a-f in lower case.',
      ],
    },
    {
      rule: 'a duplicate names both files',
      files: { 'a.yaml': `migrations:\n  - ${two}\n`, 'b.yaml': `# b\nmigrations:\n  - ${two}\n` },
      problems: [
        'etc/migrations.d/b.yaml: line 3: migrations[0] is the same migration as migrations[0] of etc/migrations.d/a.yaml, line 2; remove one of them.',
      ],
    },
    {
      rule: 'a duplicate of the main file names that file',
      files: { 'a.yaml': `migrations:\n  - ${one}\n` },
      problems: [
        'etc/migrations.d/a.yaml: line 2: migrations[0] is the same migration as migrations[0] of etc/watch.yaml, line 2; remove one of them.',
      ],
    },
    {
      rule: 'a duplicate name names both files',
      files: {
        'a.yaml': `migrations:\n  - { name: x, groupId: ${group}, liveMigrationId: ${group} }\n`,
        'b.yaml': `migrations:\n  - { name: x, groupId: ${group}, liveMigrationId: ${two.slice(25)} }\n`,
      },
      problems: [
        'etc/migrations.d/b.yaml: line 2: migrations[0] has the same name as migrations[0] of etc/migrations.d/a.yaml, line 2 (the name is the liveMigrationId unless given); give it a name of its own.',
      ],
    },
    {
      rule: 'an included file cannot include',
      files: { 'a.yaml': `migrations: [${two}]\ninclude: [b.yaml]\n` },
      problems: [
        'etc/migrations.d/a.yaml: line 2: include is not for an included file; list all files in etc/watch.yaml.',
      ],
    },
    {
      rule: 'other keys belong into the main file',
      files: { 'a.yaml': `cutover: { window: 1h }\nmigrations: [${two}]\n` },
      problems: [
        'etc/migrations.d/a.yaml: line 1: cutover is not for an included file, which has migrations: alone; move it to etc/watch.yaml, or remove it.',
      ],
    },
    {
      rule: 'a half-written file is refused',
      files: { 'a.yaml': '', 'b.yaml': 'migrations:\n', 'c.yaml': 'migrations:\n  - groupId: "5f7f\n' },
      problems: [
        'etc/migrations.d/a.yaml: the file is empty; write at least a list of migrations.',
        'etc/migrations.d/b.yaml: line 1: migrations is missing; an included file has it alone, with a list below it.',
        'etc/migrations.d/c.yaml: line 3, column 1: a closing quote, a bracket, a comma or a colon is missing here or just above.',
      ],
    },
    {
      rule: 'a file that is no list of migrations is refused',
      files: { 'a.yaml': 'migrations: orders\n', 'b.yaml': `- ${two}\n` },
      problems: [
        'etc/migrations.d/a.yaml: line 1: migrations is no list; write - before each migration, with its groupId and liveMigrationId.',
        'etc/migrations.d/b.yaml: line 1: the top level is not made of keys; begin with migrations: and a list below it.',
      ],
    },
    {
      rule: 'what cannot be read is a problem of its file',
      files: { 'a.yaml': { fault: 'this is a directory.' } },
      problems: ['etc/migrations.d/a.yaml: this is a directory.'],
    },
    {
      rule: 'a secret is never shown, as a key or as a value',
      files: {
        'a.yaml': `privateKey: ${secret}\n${secret}: x\nmigrations:\n  - name: ${secret}\n    groupId: ${secret}\n    liveMigrationId: $\{NAME}\n`,
      },
      problems: [
        expect.stringMatching(/a\.yaml: line 1: privateKey must not be in the configuration file/),
        'etc/migrations.d/a.yaml: line 2: the top level holds a key that looks like a secret and is not shown; remove it.',
        expect.stringMatching(/a\.yaml: line 5: migrations\[0\]\.groupId is a text that is not shown here/),
        expect.stringMatching(
          /a\.yaml: line 6: migrations\[0\]\.liveMigrationId is a text from \$NAME \(not shown\)/,
        ),
      ],
    },
  ])('$rule', async ({ files, problems }) => {
    const found = await problemsOf(`migrations: [${one}]\n`, files);
    expect(found).toEqual(expect.arrayContaining(problems));
    expect(found).toHaveLength(problems.length);
    expect(found.join('\n')).not.toContain(secret);
  });

  test.each([
    ['[a/**/b.yaml]', 'include[0] is "a/**/b.yaml", and ** would search whole folders'],
    ['migrations.d', 'include is "migrations.d"; write a list of file names such as [migrations.d/*.yaml].'],
    ['[~/x.yaml]', 'include[0] begins with ~, which is not expanded here'],
  ])('refuses include: %s', async (include, problem) => {
    const text = `include: ${include}\nmigrations: [${one}]\n`;
    const result = await loadConfig({
      file: 'w',
      env: { HOME: '/h' },
      readFile: () => Promise.resolve(text),
    });
    expect(result.ok ? '' : result.problems.join()).toContain(problem);
  });

  test('counts the problems beyond a hundred, in all files together', async () => {
    const bad = Array.from({ length: 150 }, () => '  - x\n').join('');
    const found = await problemsOf(`migrations: [${one}]\n`, { 'a.yaml': `migrations:\n${bad}` });
    expect(found).toHaveLength(101);
    expect(found.at(-1)).toContain('there are 50 more problems');
  });
});
