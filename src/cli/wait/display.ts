import type { EventRecord } from '../../events/event-record.ts';
import { lineWidth } from '../line-width.ts';
import { say } from '../terminal.ts';
import { changeSentences } from './sentences.ts';

/** How a wait tells of its progress, on standard error. */
export interface WaitDisplay {
  /** Takes note of what a poll changed. */
  changed(events: readonly EventRecord[]): void;
  /** Leaves a clean line behind. */
  end(): void;
}

const redrawEveryMs = 1_000;
const usualColumns = 80;

/** Tells every change in a sentence, for logs. `clean` redacts. */
export function sentenceDisplay(clean: (text: string) => string): WaitDisplay {
  return {
    changed: (events) => say(...changeSentences(events).map(clean)),
    end: () => {},
  };
}

/** Keeps one line on a terminal up to date, with nothing but carriage returns and spaces. `line` fits a width. */
export function lineDisplay(stream: NodeJS.WriteStream, line: (columns: number) => string): WaitDisplay {
  let shown = 0;
  const draw = (text: string): void => {
    const width = lineWidth(text);
    stream.write(`\r${text}${' '.repeat(Math.max(0, shown - width))}`);
    shown = width;
  };
  // A character in the last column makes some terminals begin a new line. A terminal may also not know its width.
  const columns = (): number => (stream.columns > 0 ? stream.columns : usualColumns) - 1;
  const redraw = (): void => {
    // What was drawn before the terminal became narrower has been broken into lines; spaces would only add one.
    shown = Math.min(shown, columns());
    draw(line(columns()));
  };
  redraw();
  const timer = setInterval(redraw, redrawEveryMs);
  return {
    changed: () => {},
    end() {
      clearInterval(timer);
      shown = Math.min(shown, columns());
      draw('');
      stream.write('\r');
    },
  };
}
