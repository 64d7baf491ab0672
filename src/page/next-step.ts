import { estimateWords } from '../events/estimate-words.ts';
import { formatSpan } from '../events/format.ts';
import type { MigrationView } from '../server/migration-view.ts';
import { statusOf } from './status.ts';
import { countdown } from './times.ts';

/** What comes next for a migration, in words. */
export interface NextStep {
  readonly main: string;
  /** What qualifies it. */
  readonly note?: string;
  /** How near the end of the window is. */
  readonly pressing?: 'soon' | 'now';
}

const soonSeconds = 24 * 3_600;
const nowSeconds = 6 * 3_600;

/**
 * Returns what comes next, with a note while polls fail, because it then follows from old data. `now` in ms since 1970,
 * by the watcher's clock.
 */
export function nextStepOf(view: MigrationView, now: number): NextStep {
  const step = stepOf(view, now);
  if (view.outage === undefined || statusOf(view, now) === 'unreachable') return step;
  return { ...step, note: [step.note, 'polls fail'].filter(Boolean).join('; ') };
}

function stepOf(view: MigrationView, now: number): NextStep {
  switch (statusOf(view, now)) {
    case 'overdue':
    case 'ready':
      return cutoverStep(view, now);
    case 'failed':
      return failures[view.settlement ?? ''] ?? failures.FAILED;
    case 'unreachable':
      return {
        main: `Can't be read: ${view.outage?.errorType?.replaceAll('_', ' ') ?? 'the reason is in the log'}`,
        note: `${view.outage?.failures ?? 0} failed polls in a row`,
      };
    case 'stalled':
      return {
        main: `Stalled for ${formatSpan(view.stalledForSeconds ?? 0)}`,
        note: 'check the source and the host',
      };
    case 'approaching':
    case 'copying':
      return readinessStep(view, now);
    case 'unknown':
    case 'waiting':
      return { main: view.observedAt === undefined ? 'Not read yet' : 'No lag reported yet' };
    case 'done':
      return { main: 'Nothing: it is cut over' };
  }
}

const failures: Readonly<Record<string, NextStep>> & { readonly FAILED: NextStep } = {
  FAILED: { main: 'Start it again', note: 'the Atlas console may say why' },
  EXPIRED: { main: 'Start it again', note: 'the window ended' },
  DISAPPEARED: { main: 'Gone from Atlas', note: 'perhaps canceled in the console' },
};

function cutoverStep({ deadline, readySinceKnown }: MigrationView, now: number): NextStep {
  if (deadline === undefined) return { main: 'Cut over' };
  const left = Math.ceil((Date.parse(deadline) - now) / 1000);
  if (left <= 0)
    return {
      main: `Window ended ${formatSpan(-left)} ago`,
      note: 'estimated; check the Atlas console',
      pressing: 'now',
    };
  return {
    main: `${countdown(left)} left`,
    note: readySinceKnown === false ? 'estimated, perhaps less' : 'estimated',
    ...(left <= nowSeconds ? { pressing: 'now' } : left <= soonSeconds && { pressing: 'soon' }),
  };
}

/** The estimate counts from the latest observation. */
function readinessStep(
  { readyInSeconds: seconds, readyInSecondsRange: [earliest, latest] = [], observedAt }: MigrationView,
  now: number,
): NextStep {
  if (seconds === undefined || observedAt === undefined) return { main: 'No estimate yet' };
  const estimate = { seconds, earliest: earliest ?? seconds, ...(latest !== undefined && { latest }) };
  const words = estimateWords(estimate, (now - Date.parse(observedAt)) / 1000);
  return { main: words === undefined ? 'No estimate now' : `Ready in ${words}` };
}
