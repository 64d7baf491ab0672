import type { LineOutput } from '../../src/events/emitter.ts';

/** A place for lines that keeps them; closing it is like a reader going away. */
export class CollectingOutput implements LineOutput {
  closed = false;
  readonly lines: string[] = [];

  write(line: string): void {
    if (!this.closed) this.lines.push(line);
  }

  /** What programs would read from the lines. */
  get records(): Record<string, unknown>[] {
    return this.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}
