import type { LineOutput } from '../../src/events/emitter.ts';

/** A place for lines that keeps them, unless it is stuck: then it refuses them, like a reader that does not read. */
export class CollectingOutput implements LineOutput {
  stuck = false;
  readonly lines: string[] = [];

  write(line: string): boolean {
    if (!this.stuck) this.lines.push(line);
    return !this.stuck;
  }

  /** What programs would read from the lines. */
  get records(): Record<string, unknown>[] {
    return this.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}
