import stringWidth from 'string-width';
import type { EventRecord } from '../../events/event-record.ts';
import { say } from '../terminal.ts';
import { changeSentences } from './sentences.ts';

/** How a wait reports its progress on standard error. */
export interface WaitDisplay {
  /** Reports what a poll changed. */
  changed(events: readonly EventRecord[]): void;
  /** Clears the line. */
  end(): void;
}

const redrawEveryMs = 1_000;
const usualColumns = 80;

/** Reports every change in a sentence, for logs. `clean` redacts. */
export function sentenceDisplay(clean: (text: string) => string): WaitDisplay {
  return {
    changed: (events) => say(...changeSentences(events).map(clean)),
    end: () => {},
  };
}

/** Keeps one line on a terminal up to date, using only carriage returns and spaces. `line` fits a width. */
export function lineDisplay(stream: NodeJS.WriteStream, line: (columns: number) => string): WaitDisplay {
  let shown = 0;
  const draw = (text: string): void => {
    const width = stringWidth(text);
    stream.write(`\r${text}${' '.repeat(Math.max(0, shown - width))}`);
    shown = width;
  };
  // A character in the last column makes some terminals begin a new line. Some terminals do not know their width.
  const columns = (): number => (stream.columns > 0 ? stream.columns : usualColumns) - 1;
  const redraw = (): void => {
    // A terminal that became narrower has wrapped the former line; more spaces would only add another line.
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
