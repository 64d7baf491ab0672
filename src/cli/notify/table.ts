import stringWidth from 'string-width';
import { formatSpan } from '../../events/format.ts';
import { receiverFaults, shortAnswer } from '../../watch/notification-words.ts';
import { paint, type Style } from '../terminal.ts';
import { cutToWidth, formatTable } from '../text-width.ts';
import type { ListedReceiver, Listing } from './list.ts';

const headings = ['NAME', 'STATE', 'WAITING', 'OLDEST', 'LAST ANSWER', 'NEXT TRY', 'TYPE', 'CURSOR'];
const nameColumn = 0;
const answerColumn = 4;
/** Where room is short, names and answers take no more than this before a column falls away. */
const widest = 24;
/** Name, state and what waits are the answer: they stay in any terminal. */
const answerColumns = 3;
const absent = '–';

const styles: Readonly<Partial<Record<ListedReceiver['state'], Style>>> = {
  failing: 'yellow',
  stopped: 'red',
  new: 'gray',
};

/**
 * Returns a table of receivers, one line each. In a narrow terminal names and answers are cut, and columns fall away
 * from the right. `now` in ms since 1970; `columns` is undefined without a terminal.
 */
export function receiverTable(
  receivers: readonly ListedReceiver[],
  now: number,
  {
    color,
    columns = Number.POSITIVE_INFINITY,
  }: { readonly color: boolean; readonly columns: number | undefined },
): string {
  const rows = receivers.map((receiver) => cellsOf(receiver, now));
  const [heading = '', ...lines] = fitting([headings, ...rows], columns);
  const painted = receivers.map(({ state }, index) => paint(color, styles[state], lines[index] ?? ''));
  return `${[paint(color, 'bold', heading), ...painted].join('\n')}\n`;
}

/** Returns what is wrong, and what the table cannot show, as sentences. */
export function listingSentences({ receivers, removed }: Listing, now: number): readonly string[] {
  const facts = receivers.map(({ failingSince, reported, lastAnswer, ...rest }) => ({
    ...rest,
    failingSince: failingSince === undefined ? undefined : Date.parse(failingSince),
    isReported: reported,
    answer: lastAnswer?.text,
  }));
  const fresh = receivers.filter(({ state }) => state === 'new').map(({ name }) => name);
  return [
    ...receiverFaults(facts, now).map(({ what, more }) => `${what} ${more}`),
    ...(fresh.length === 0
      ? []
      : [
          `Notifications to ${fresh.join(', ')} begin when a watcher starts or reloads, without earlier events.`,
        ]),
    ...(removed.length === 0
      ? []
      : [
          `${removed.join(', ')} ${removed.length === 1 ? 'is' : 'are'} not under notify any more: what waits there is given up when the watcher starts or reloads.`,
        ]),
  ];
}

function cellsOf(receiver: ListedReceiver, now: number): string[] {
  const { name, type, state, waiting, oldestAt, nextAttemptAt, lastAnswer, cursor } = receiver;
  return [
    name,
    state,
    String(waiting),
    oldestAt === undefined ? absent : spanTo(now, oldestAt),
    lastAnswer === undefined ? absent : `${shortAnswer(lastAnswer.text)}, ${spanTo(now, lastAnswer.at)} ago`,
    nextTry(nextAttemptAt, now),
    type,
    cursor === undefined ? absent : String(cursor),
  ];
}

function spanTo(now: number, moment: string): string {
  return formatSpan(Math.max(0, now - Date.parse(moment)) / 1000);
}

function nextTry(moment: string | undefined, now: number): string {
  if (moment === undefined) return absent;
  const left = Date.parse(moment) - now;
  return left <= 0 ? 'now' : `in ${formatSpan(left / 1000)}`;
}

function fitting(rows: readonly (readonly string[])[], width: number): string[] {
  const all = linesOf(rows);
  if (widthOf(all) <= width) return all;
  const narrow = rows.map((row) =>
    row.map((cell, index) =>
      index === nameColumn || index === answerColumn ? cutToWidth(cell, widest) : cell,
    ),
  );
  for (let count = headings.length; count > answerColumns; count -= 1) {
    const lines = linesOf(narrow.map((row) => row.slice(0, count)));
    if (widthOf(lines) <= width) return lines;
  }
  return linesOf(narrow.map((row) => row.slice(0, answerColumns))).map((line) => cutToWidth(line, width));
}

function linesOf(rows: readonly (readonly string[])[]): string[] {
  return formatTable(rows).trimEnd().split('\n');
}

function widthOf(lines: readonly string[]): number {
  return Math.max(...lines.map((line) => stringWidth(line)));
}
