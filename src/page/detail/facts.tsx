import type { ComponentChildren, VNode } from 'preact';
import { formatSpan } from '../../events/format.ts';
import type { MigrationView } from '../../server/migration-view.ts';
import { Moment } from '../moment.tsx';
import { readinessWord, sinceOf, trendText } from '../texts.ts';
import { ago, utcText, zonedText } from '../times.ts';
import { Copyable } from './copyable.tsx';
import { scheduleText } from './schedule-text.ts';
import { howToState, statedFacts } from './stated.ts';

interface FactsProps {
  readonly view: MigrationView;
  /** Milliseconds since 1970, by the watcher's clock. */
  readonly now: number;
}

/** Shows what is known of a migration, in the order of use. Countdowns are not among it. */
export function Facts({ view, now }: FactsProps): VNode {
  const { groupId, liveMigrationId, lagTimeSeconds, deadline, observedAt, firstSeen, migrationHosts } = view;
  const begin = sinceOf(view);
  // "First seen" has its own row.
  const since = begin?.word === 'first seen' ? undefined : begin;
  const how = howToState(view);
  return (
    <dl class="facts">
      {deadline !== undefined && (
        <MomentFact
          term={`Window ends${view.deadlineEstimated === true ? ' (estimate)' : ''}`}
          at={deadline}
          now={now}
        />
      )}
      {statedFacts(view, (isoTime) => zonedText(isoTime, now)).map(({ term, text, comment }) => (
        <Fact key={term} term={term}>
          {text}
          {comment !== undefined && <span class="note">{comment}</span>}
        </Fact>
      ))}
      {how !== undefined && (
        <Fact term="By command">
          <span class="note">{how}</span>
        </Fact>
      )}
      <Fact term="Migration host">{migrationHosts?.join(', ') || 'not reported'}</Fact>
      <Fact term="Atlas status">
        {[view.status ?? 'unknown', readinessWord(view)].filter(Boolean).join(', ')}
      </Fact>
      <Fact term="Lag">
        {lagTimeSeconds === undefined ? 'not reported' : formatSpan(lagTimeSeconds)}
        <span class="note">{trendText(view)}</span>
      </Fact>
      {since && <MomentFact term={sinceTerm(since.word)} at={since.at} now={now} />}
      {observedAt === undefined ? (
        <Fact term="Last read">never</Fact>
      ) : (
        <MomentFact term="Last read" at={observedAt} now={now} />
      )}
      <Fact term="Schedule">{scheduleText(view)}</Fact>
      {firstSeen !== undefined && <MomentFact term="First seen" at={firstSeen} now={now} />}
      <Fact term="Project (group) id">
        <Copyable label="project id" text={groupId} />
      </Fact>
      <Fact term="Live migration id">
        <Copyable label="live migration id" text={liveMigrationId} />
      </Fact>
    </dl>
  );
}

function sinceTerm(word: string): string {
  if (word === 'ready, or earlier') return 'Ready since (or earlier)';
  if (word === 'ended') return 'Ended';
  return `${word.charAt(0).toUpperCase()}${word.slice(1)} since`;
}

function Fact({ term, children }: { readonly term: string; readonly children: ComponentChildren }): VNode {
  return (
    <>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </>
  );
}

function MomentFact({
  term,
  at,
  now,
}: {
  readonly term: string;
  readonly at: string;
  readonly now: number;
}): VNode {
  const age = (now - Date.parse(at)) / 1000;
  return (
    <Fact term={term}>
      <Moment at={at} text={zonedText(at, now)} />
      <span class="note">{age < 0 ? `in ${formatSpan(Math.floor(-age / 60) * 60)}` : ago(age)}</span>
      <span class="note utc">{utcText(at)}</span>
    </Fact>
  );
}
