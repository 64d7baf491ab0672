import { formatSpan } from '../../events/format.ts';
import type { MigrationView } from '../../server/migration-view.ts';
import { acknowledgedWord, planWord, statedWord } from '../../watch/words.ts';

/** One row of what people have stated. */
export interface StatedFact {
  readonly term: string;
  readonly text: string;
  /** What was said with it. */
  readonly comment?: string;
}

/** Returns the beginning of a command about a migration, for a POSIX shell. */
export function command(name: 'extend' | 'ack' | 'plan', migration: string): string {
  const word = /^[\w.@:/+-]+$/.test(migration) ? migration : `'${migration.replaceAll("'", `'\\''`)}'`;
  return `cutover-watch ${name} ${word}`;
}

/** Returns what people have stated about a migration. `when` renders a moment (ISO 8601) for the reader. */
export function statedFacts(view: MigrationView, when: (isoTime: string) => string): readonly StatedFact[] {
  const { deadline, deadlineComment, acknowledged, planAuthor, planComment, settlement } = view;
  if (settlement !== undefined) return [];
  const facts: StatedFact[] = [];
  const stated = deadline === undefined ? undefined : statedWord(view);
  if (stated !== undefined) facts.push(fact('End of the window', stated, deadlineComment));
  if (acknowledged !== undefined) {
    const { at, until, comment } = acknowledged;
    const end = until === undefined ? '' : ` until ${when(until)}`;
    const text = `${acknowledgedWord(acknowledged)} ${when(at)}: reminders rest${end}`;
    facts.push(fact('Acknowledgement', text, comment));
  }
  const plan = planText(view, when);
  if (plan !== undefined) {
    const author = planAuthor === undefined ? '' : `, stated by ${planAuthor}`;
    facts.push(fact('Planned cutover', `${plan}${author}`, planComment));
  }
  return facts;
}

/** The time of a plan at risk comes first: the row of the list has no room for it. */
function planText(view: MigrationView, when: (isoTime: string) => string): string | undefined {
  const { plannedAt, planDurationSeconds, planRisks = [] } = view;
  const word = planWord(view, when);
  if (plannedAt === undefined || word === undefined) return undefined;
  const length = planDurationSeconds === undefined ? '' : `, within ${formatSpan(planDurationSeconds)}`;
  return planRisks.length > 0 ? `planned ${when(plannedAt)}${length}; ${word}` : `${word}${length}`;
}

/** Returns how to state what is not stated yet: an acknowledgement and a plan; undefined where nothing is to come. */
export function howToState(view: MigrationView): string | undefined {
  const { migration, settlement, acknowledged, plannedAt, readyForCutover, outage } = view;
  if (settlement !== undefined) return undefined;
  // There are reminders of a readiness and of an outage only.
  const canAcknowledge = acknowledged === undefined && (readyForCutover === true || outage !== undefined);
  const ways = [
    ...(canAcknowledge ? [`to rest reminders, ${command('ack', migration)} --until 12h`] : []),
    ...(plannedAt === undefined ? [`to plan the cutover, ${command('plan', migration)} --at TIME`] : []),
  ];
  const text = ways.join('; ');
  return text === '' ? undefined : `On the host of the watcher: ${text}.`;
}

function fact(term: string, text: string, comment: string | undefined): StatedFact {
  return { term, text, ...(comment !== undefined && { comment }) };
}
