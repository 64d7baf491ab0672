import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { INVALID_MESSAGES } from './invalid-messages.ts';

const FIXTURES = new URL('fixtures/', import.meta.url);
const SECRET = 's3cr3t';

async function problemsOf(fixture: string): Promise<readonly string[]> {
  const result = await loadConfig({
    file: fixture,
    env: { HOME: '/home/me', SECRET },
    readFile: (path) => readFile(new URL(path, FIXTURES), 'utf8'),
  });
  return result.ok ? [] : result.problems;
}

describe('a bad configuration file', () => {
  it.each(Object.entries(INVALID_MESSAGES))('is rejected in exact words: %s', async (name, messages) => {
    const file = `invalid-${name}.yaml`;
    expect(await problemsOf(file)).toEqual(messages.map((message) => `${file}: ${message}`));
  });

  it('has its words in the table, whichever fixture it is', async () => {
    const fixtures = (await readdir(FIXTURES)).filter((name) => name.startsWith('invalid-')).toSorted();
    expect(fixtures).toEqual(
      Object.keys(INVALID_MESSAGES)
        .map((name) => `invalid-${name}.yaml`)
        .toSorted(),
    );
  });

  it('never has a secret of it or words of the parsers in a problem', async () => {
    for (const fixture of await readdir(FIXTURES)) {
      const text = (await problemsOf(fixture)).join('\n');
      expect(text).not.toContain(SECRET);
      expect(text).not.toMatch(
        /Invalid input|Unrecognized|expected .* received|Implicit|Nested mappings|\{value\}/,
      );
    }
  });
});
