import type { ComponentChildren, VNode } from 'preact';
import { formatSpan } from '../../events/format.ts';
import type { MigrationView } from '../../server/migration-view.ts';
import { Moment } from '../moment.tsx';
import { readinessWord, sinceOf, trendText } from '../texts.ts';
import { ago, utcText, zonedText } from '../times.ts';
import { Copyable } from './copyable.tsx';

interface FactsProps {
  readonly view: MigrationView;
  /** Origin of the Atlas console. */
  readonly consoleUrl: string;
  /** Milliseconds since 1970, by the watcher's clock. */
  readonly now: number;
}

/** Shows what is known of a migration. Countdowns are not among it. */
export function Facts({ view, consoleUrl, now }: FactsProps): VNode {
  const {
    groupId,
    liveMigrationId,
    lagTimeSeconds,
    deadline,
    observedAt,
    firstSeen,
    migrationHosts,
    cadence,
  } = view;
  const begin = sinceOf(view);
  // "First seen" and "Last seen" have their own rows.
  const since = begin?.word === 'first seen' ? undefined : begin;
  const lastSeen = observedAt === since?.at ? undefined : observedAt;
  const project = `${consoleUrl}/v2/${groupId}`;
  return (
    <dl class="facts">
      <Fact term="Atlas status">
        {[view.status ?? 'not read yet', readinessWord(view)].filter(Boolean).join(', ')}
      </Fact>
      <Fact term="Lag">
        {lagTimeSeconds === undefined ? 'not reported' : formatSpan(lagTimeSeconds)}
        <span class="note">{trendText(view)}</span>
      </Fact>
      {since && <MomentFact term={`Since (${since.word})`} at={since.at} now={now} />}
      {deadline !== undefined && <MomentFact term="Window ends (estimated)" at={deadline} now={now} />}
      {lastSeen !== undefined && <MomentFact term="Last seen" at={lastSeen} now={now} />}
      {firstSeen !== undefined && <MomentFact term="First seen" at={firstSeen} now={now} />}
      <Fact term="Migration hosts">{migrationHosts?.join(', ') || 'not reported'}</Fact>
      {cadence !== undefined && <Fact term="Polled on">the {cadence} schedule</Fact>}
      <Fact term="Project (group) id">
        <Copyable label="project id" text={groupId} />
      </Fact>
      <Fact term="Live migration id">
        <Copyable label="live migration id" text={liveMigrationId} />
      </Fact>
      <Fact term="Atlas console">
        <a href={project} target="_blank" rel="noreferrer">
          {project}
        </a>
      </Fact>
    </dl>
  );
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
      <span class="note">{`${utcText(at)}${age < 0 ? '' : `, ${ago(age)}`}`}</span>
    </Fact>
  );
}
