import type { MigrationView } from '../../server/migration-view.ts';
import { faultWord } from '../../watch/words.ts';
import { statusOf } from '../status.ts';
import { localText } from '../times.ts';

/** What a person can do about a migration from its row. */
export interface NextAct {
  /** It is done in the Atlas console. */
  readonly opensAtlas: boolean;
  /** Why it stands where it does, and what to do, in sentences. */
  readonly why?: readonly string[];
}

const ends: Readonly<Record<string, readonly string[]>> = {
  EXPIRED: ['It was not cut over before its window ended.', 'Restart the migration in Atlas.'],
  DISAPPEARED: [
    'Atlas does not know this migration any more: somebody canceled or deleted it there, or its id is wrong.',
    'Check it in Atlas. If it was meant to end, remove it from the configuration.',
  ],
};
const failed = [
  'Atlas reports that the migration failed, and not why.',
  'Open Atlas for the reason, then restart the migration there.',
];

/** Returns what there is to do about a migration. `now` in ms since 1970. */
export function nextActOf(view: MigrationView, now: number): NextAct {
  switch (statusOf(view, now)) {
    case 'overdue':
    case 'ready':
      return { opensAtlas: true, ...whyUnread(view, now) };
    case 'failed':
      return { opensAtlas: true, why: ends[view.settlement ?? ''] ?? failed };
    default:
      return { opensAtlas: false, ...whyUnread(view, now) };
  }
}

function whyUnread({ outage, reachable, observedAt }: MigrationView, now: number): Pick<NextAct, 'why'> {
  if (outage === undefined || (reachable !== false && observedAt !== undefined)) return {};
  const { since, errorType, httpStatus, failures, detail, remedy } = outage;
  const fault = errorType === undefined ? '' : `: ${faultWord(errorType, httpStatus)}`;
  const polls = failures > 1 ? `, ${failures} polls failed in a row` : '';
  return {
    why: [
      `Can't be read since ${localText(since, now)}${fault}${polls}.`,
      ...(detail === undefined ? [] : [detail]),
      ...(remedy === undefined ? [] : [remedy]),
    ],
  };
}

/** Returns the address of a project in the Atlas console. */
export function atlasAddress(consoleUrl: string, { groupId }: Pick<MigrationView, 'groupId'>): string {
  return `${consoleUrl}/v2/${groupId}`;
}
