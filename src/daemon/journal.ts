import { fstatSync } from 'node:fs';
import type { Environment } from '../config/interpolate.ts';

/** What identifies an open file. */
interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** Priorities of sd-daemon(3), by the levels of the lines. */
const priorities: Readonly<Record<string, number>> = {
  fatal: 2,
  error: 3,
  warn: 4,
  info: 6,
  debug: 7,
  trace: 7,
};

/** The level is the first field of each line, in both formats of JSON. */
const levelOfLine = /^\{"(?:log\.)?level":"(\w+)"/;

type Render = (line: string) => string;

/**
 * Returns a function that puts the priority of its level before each line, as `<4>`, which journald takes off again and
 * stores: `journalctl -p warning` then finds it. `render` comes first; all its lines get the priority.
 */
export function withPriority(render: Render = (line) => line): Render {
  return (line) => {
    const priority = priorities[levelOfLine.exec(line)?.[1] ?? ''];
    const text = render(line);
    return priority === undefined ? text : text.replaceAll(/(^|\n)(?=[^\n])/g, `$1<${priority}>`);
  };
}

/**
 * Returns whether standard output is a stream of the journal: systemd names the device and the inode of that in
 * JOURNAL_STREAM (systemd.exec(5)). A program that was started with another standard output may inherit the variable.
 */
export function isJournal(
  { JOURNAL_STREAM: stream }: Environment,
  stdout: () => FileIdentity = () => fstatSync(1, { bigint: true }),
): boolean {
  if (stream === undefined || stream === '') return false;
  try {
    const { dev, ino } = stdout();
    return stream === `${dev}:${ino}`;
  } catch {
    // Standard output is closed.
    return false;
  }
}
