import { describe, expect, test } from 'vitest';
import { isJournal, withPriority } from '../../src/daemon/journal.ts';
import { createEmitter } from '../../src/events/emitter.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { eventNames, sampleEvent } from '../events/sample-events.ts';

const stdout = () => ({ dev: 9n, ino: 123_456_789_012n });

const closed = (): never => {
  throw Object.assign(new Error('bad file descriptor'), { code: 'EBADF' });
};

describe('standard output is the journal', () => {
  test.each([
    { rule: 'if its device and inode are named', env: { JOURNAL_STREAM: '9:123456789012' }, is: true },
    { rule: 'but not if another file is named', env: { JOURNAL_STREAM: '9:123456789013' }, is: false },
    { rule: 'but not if nothing is named', env: {}, is: false },
    { rule: 'but not for an empty variable', env: { JOURNAL_STREAM: '' }, is: false },
    { rule: 'but not for another text', env: { JOURNAL_STREAM: 'journal' }, is: false },
  ])('$rule', ({ env, is }) => {
    expect(isJournal(env, stdout)).toBe(is);
  });

  test('and not if it is closed', () => {
    expect(isJournal({ JOURNAL_STREAM: '9:1' }, closed)).toBe(false);
  });
});

describe('each line has the priority of its level', () => {
  test.each(['json', 'ecs'] as const)('as %s, for every event of the catalogue', (format) => {
    const expected = { error: '<3>', warn: '<4>', info: '<6>', debug: '<7>' } as Record<string, string>;
    for (const name of eventNames) {
      const event = sampleEvent(name);
      const lines: string[] = [];
      const prefixed = withPriority();
      const write = (line: string): boolean => lines.push(prefixed(line), line) > 0;
      createEmitter({ output: { write }, format, level: 'debug', redactor: new Redactor() })(event);
      const [line, plain] = lines;
      expect(line).toBe(`${expected[event.level]}${plain}`);
    }
  });

  test('so that the ready event is among the warnings', () => {
    expect(withPriority()('{"level":"warn","event":"migration.ready_for_cutover"}\n')).toMatch(/^<4>\{/);
  });

  test('and so has each line of a text for people, but not one that is empty', () => {
    const prefixed = withPriority(() => 'first\n\n  second\n');
    expect(prefixed('{"level":"error"}\n')).toBe('<3>first\n\n<3>  second\n');
    expect(withPriority(() => '')('{"level":"info"}\n')).toBe('');
  });

  test('and a character that only looks like the end of a line is left alone', () => {
    const line = '{"level":"info","msg":"a\u2028b\u2029c\rd"}\n';
    expect(withPriority()(line)).toBe(`<6>${line}`);
  });
});
