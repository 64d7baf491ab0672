import { formatSpan } from '../events/format.ts';
import type { Story, UnseenTime } from './report-model.ts';
import { fromTo, moment, span, unseenSeconds } from './words.ts';

/** Returns the facts of a migration, a name and a text each, the most important first. `now` in ms since 1970. */
export function factsOf(story: Story, now: number): readonly (readonly [name: string, text: string])[] {
  const { outcome, status, from, to, ready, lagAtCutover, unseen, labels, migrationHosts } = story;
  const facts: [string, string][] = [['Outcome', outcomeText(story)]];
  if (from !== undefined && to !== undefined)
    facts.push([isOver(story) ? 'Took' : 'MigrationSnapshot for', `${span(from, to)}, ${fromTo(from, to)}`]);
  if (ready !== undefined) {
    const hedge = ready.sinceKnown ? '' : ', or earlier: it was not seen just before';
    const again = ready.times > 1 ? ` (the ${ordinal(ready.times)} time)` : '';
    facts.push(['Ready for cutover', `${moment(ready.since)}${again}${hedge}`]);
    if (outcome === 'complete' && to !== undefined)
      facts.push(['From ready to complete', span(ready.since, to)]);
    facts.push(['Window for the cutover', windowText(story, now)]);
  }
  if (lagAtCutover !== undefined)
    facts.push([
      'Lag at cutover',
      `${formatSpan(lagAtCutover.lagTimeSeconds)}, told ${moment(lagAtCutover.observedAt)}`,
    ]);
  if (from !== undefined) facts.push(['Not seen', unseenText(unseen, now)]);
  if (status !== undefined) facts.push(["Atlas's latest status", status]);
  facts.push(['Project (group) id', story.groupId], ['Live migration id', story.liveMigrationId]);
  const labelTexts = Object.entries(labels).map(([name, text]) => `${name}: ${text}`);
  if (labelTexts.length > 0) facts.push(['Labels', labelTexts.join(', ')]);
  if (migrationHosts !== undefined) facts.push(['Migration hosts', migrationHosts.join(', ')]);
  return facts;
}

function isOver({ outcome }: Story): boolean {
  return ['complete', 'failed', 'expired', 'gone'].includes(outcome);
}

function outcomeText({ outcome, to }: Story): string {
  if (to === undefined) return 'It has not been seen yet: no poll of it has succeeded.';
  switch (outcome) {
    case 'complete':
      return `Complete on ${moment(to)}.`;
    case 'failed':
      return `Failed on ${moment(to)}. Atlas gives no reason here.`;
    case 'expired':
      return `Expired on ${moment(to)}: it was not cut over in time.`;
    case 'gone':
      return `Gone on ${moment(to)}: Atlas answered 404 twice in a row. It may have been cancelled in the console.`;
    case 'ready':
      return `Ready for cutover and not cut over, as seen last on ${moment(to)}.`;
    default:
      return `Not ready for cutover, as seen last on ${moment(to)}.`;
  }
}

function windowText({ ready, windowRespected, outcome, to }: Story, now: number): string {
  if (ready === undefined) return '–';
  const end = `the estimated deadline of ${moment(ready.deadline)}`;
  const at = outcome === 'complete' ? (to ?? now) : now;
  if (windowRespected === undefined)
    return outcome === 'ready'
      ? `open for another ${span(at, ready.deadline)}, until ${end}`
      : `ended early; ${end} no longer matters`;
  if (windowRespected) return `respected: ${span(at, ready.deadline)} before ${end}`;
  if (outcome === 'complete')
    return `exceeded: ${span(ready.deadline, at)} after ${end}, which may have been extended`;
  return outcome === 'expired'
    ? `missed: it expired; ${end}`
    : `over since ${span(ready.deadline, at)}: ${end}`;
}

function unseenText(unseen: readonly UnseenTime[], now: number): string {
  if (unseen.length === 0) return 'never';
  const total = formatSpan(unseenSeconds(unseen, now));
  return unseen.length === 1 ? total : `${total} in ${unseen.length} spells`;
}

function ordinal(count: number): string {
  const suffixes: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' };
  return `${count}${suffixes[new Intl.PluralRules('en', { type: 'ordinal' }).select(count)]}`;
}
