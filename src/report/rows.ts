import { formatSpan } from '../events/format.ts';
import type { Outcome, Story, UnseenTime } from './report-model.ts';
import { outcomeWords, phaseWords, preciseMoment, span, unseenSeconds } from './words.ts';

/** A table: its headings, and the texts of its cells. */
export type Rows = readonly [heading: readonly string[], rows: readonly (readonly string[])[]];

/** Returns headings and rows of the table with one line a migration. `now` in ms since 1970. */
export function overviewOf(stories: readonly Story[], now: number): Rows {
  const heading = [
    'Migration',
    'Outcome',
    'Seen last (UTC)',
    'Took',
    'Ready to complete',
    'Window',
    'Not seen',
  ];
  const rows = stories.map((story) => {
    const { name, outcome, from, to, ready, windowRespected, unseen } = story;
    if (from === undefined || to === undefined) return [name, outcomeWords[outcome], '–', '–', '–', '–', '–'];
    return [
      name,
      outcomeWords[outcome],
      preciseMoment(to),
      span(from, to),
      ready !== undefined && outcome === 'complete' ? span(ready.since, to) : '–',
      ready === undefined ? '–' : windowWord(windowRespected, outcome),
      unseen.length === 0 ? '–' : formatSpan(unseenSeconds(unseen, now)),
    ];
  });
  return [heading, rows];
}

/** Returns headings and rows of the table of phases. */
export function phaseRows({ phases }: Story): Rows {
  const rows = phases.map(({ phase, from, to }) => [
    phaseWords[phase],
    preciseMoment(from),
    preciseMoment(to),
    span(from, to),
  ]);
  return [['Phase', 'From (UTC)', 'To (UTC)', 'Took'], rows];
}

/** Returns headings and rows of the table of times in which nothing was seen. `now` in ms since 1970. */
export function unseenRows({ unseen }: Story, now: number): Rows {
  const rows = unseen.map((time) => [
    preciseMoment(time.from),
    time.to === undefined ? 'still' : preciseMoment(time.to),
    span(time.from, time.to ?? now),
    reasonOf(time),
  ]);
  return [['From (UTC)', 'To (UTC)', 'For', 'Why'], rows];
}

function windowWord(windowRespected: boolean | undefined, outcome: Outcome): string {
  if (windowRespected === undefined) return outcome === 'ready' ? 'open' : '–';
  return windowRespected ? 'respected' : 'missed';
}

function reasonOf({ because, detail }: UnseenTime): string {
  const reason =
    because === 'unreachable'
      ? 'Atlas could not be read'
      : 'No watcher was running, or it was not in the configuration';
  return detail === undefined ? reason : `${reason}: ${detail}`;
}
