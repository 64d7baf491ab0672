import { formatSpan } from '../events/format.ts';
import type { MigrationView } from '../server/migration-view.ts';
import { element } from './dom.ts';
import { readinessWord, sinceOf, trendText } from './texts.ts';
import { ago, utcText, zonedText } from './times.ts';

/** Returns what is known of a migration as terms and descriptions of a list. Countdowns are not among them. */
export function factItems(view: MigrationView, now: number): HTMLElement[] {
  const begin = sinceOf(view);
  // "First seen" and "Last seen" have their own rows.
  const since = begin?.word === 'first seen' ? undefined : begin;
  const lastSeen = view.observedAt === since?.at ? undefined : view.observedAt;
  const rows: readonly (readonly [term: string, ...description: (string | Node)[]])[] = [
    ['Atlas status', [view.status ?? 'not read yet', readinessWord(view)].filter(Boolean).join(', ')],
    [
      'Lag',
      view.lagTimeSeconds === undefined ? 'not reported' : formatSpan(view.lagTimeSeconds),
      note(trendText(view)),
    ],
    ...(since === undefined ? [] : [[`Since (${since.word})`, ...moment(since.at, now)] as const]),
    ...(view.deadline === undefined
      ? []
      : [['Window ends (estimated)', ...moment(view.deadline, now)] as const]),
    ...(lastSeen === undefined ? [] : [['Last seen', ...moment(lastSeen, now)] as const]),
    ...(view.firstSeen === undefined ? [] : [['First seen', ...moment(view.firstSeen, now)] as const]),
    ['Migration hosts', view.migrationHosts?.join(', ') || 'not reported'],
    ...(view.cadence === undefined ? [] : [['Polled on', `the ${view.cadence} schedule`] as const]),
  ];
  return rows.flatMap(([term, ...description]) => [
    element('dt', {}, term),
    element('dd', {}, ...description),
  ]);
}

function moment(isoTime: string, now: number): (string | Node)[] {
  const age = (now - Date.parse(isoTime)) / 1000;
  return [
    element('time', { datetime: isoTime, title: utcText(isoTime) }, zonedText(isoTime, now)),
    note(`${utcText(isoTime)}${age < 0 ? '' : `, ${ago(age)}`}`),
  ];
}

function note(text: string): HTMLElement {
  return element('span', { class: 'note' }, text);
}
