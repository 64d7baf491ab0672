import type { Headline } from '../watch/headline.ts';
import type { Urgency } from '../watch/migration/urgency.ts';
import type { Style } from './terminal.ts';

/** The color of each state. A sign and a word always stand beside it. */
export const styleOfStanding: Readonly<Record<Urgency, Style | undefined>> = {
  overdue: 'red',
  unknown: 'red',
  ready: 'yellow',
  failed: 'red',
  unreachable: 'red',
  stalled: 'red',
  approaching: 'cyan',
  copying: undefined,
  waiting: 'gray',
  done: 'green',
};

/** The color of a headline. */
export const styleOfTone: Readonly<Record<Headline['tone'], Style>> = {
  alarm: 'red',
  ready: 'yellow',
  warning: 'red',
  calm: 'bold',
  done: 'green',
};
