import { formatSpan } from '../events/format.ts';
import type { Gap, MigrationReport } from './report-model.ts';
import { endWord, statedFacts } from './stated.ts';
import { duration, fromTo, gapSeconds, moment } from './words.ts';

/** Returns the facts of a migration as pairs of name and text, the most important first. `now` in ms since 1970. */
export function factsOf(
  report: MigrationReport,
  now: number,
): readonly (readonly [name: string, text: string])[] {
  const { outcome, status, from, to, ready, lagAtCutover, gaps, labels, migrationHosts } = report;
  const facts: [string, string][] = [['Outcome', outcomeText(report)]];
  if (from !== undefined && to !== undefined)
    facts.push(['Watched for', `${duration(from, to)}, ${fromTo(from, to)}`]);
  if (ready !== undefined) {
    const hedge = ready.sinceKnown ? '' : ', or earlier: it was not watched just before';
    const again = ready.times > 1 ? ` (the ${ordinal(ready.times)} time)` : '';
    facts.push(['Ready for cutover', `${moment(ready.since)}${again}${hedge}`]);
    if (outcome === 'complete' && to !== undefined)
      facts.push(['From ready to complete', duration(ready.since, to)]);
    facts.push(['Window for the cutover', windowText(report, now)]);
    if (ready.first !== undefined) facts.push(['Caution', firstWindowText(ready.first, hasEnded(report))]);
  }
  facts.push(...statedFacts(report.stated));
  if (lagAtCutover !== undefined)
    facts.push([
      'Lag at cutover',
      `${formatSpan(lagAtCutover.lagTimeSeconds)}, reported ${moment(lagAtCutover.observedAt)}`,
    ]);
  if (from !== undefined) facts.push(['Gaps in watching', gapText(gaps, now)]);
  if (status !== undefined) facts.push(["Atlas's latest status", status]);
  facts.push(['Project (group) id', report.groupId], ['Live migration id', report.liveMigrationId]);
  const labelTexts = Object.entries(labels).map(([name, text]) => `${name}: ${text}`);
  if (labelTexts.length > 0) facts.push(['Labels', labelTexts.join(', ')]);
  if (migrationHosts !== undefined) facts.push(['Migration hosts', migrationHosts.join(', ')]);
  return facts;
}

function hasEnded({ outcome }: MigrationReport): boolean {
  return ['complete', 'failed', 'expired', 'gone'].includes(outcome);
}

function outcomeText({ outcome, to }: MigrationReport): string {
  if (to === undefined) return 'Not read yet: no poll has succeeded.';
  switch (outcome) {
    case 'complete':
      return `Complete on ${moment(to)}.`;
    case 'failed':
      return `Failed on ${moment(to)}. The Atlas API gives no reason.`;
    case 'expired':
      return `Expired on ${moment(to)}: not cut over in time.`;
    case 'gone':
      return `No longer in Atlas since ${moment(to)}: it answers nothing but 404. It was probably canceled in the console.`;
    case 'ready':
      return `Ready for cutover, not cut over; last read on ${moment(to)}.`;
    default:
      return `Not ready for cutover; last read on ${moment(to)}.`;
  }
}

function windowText({ ready, windowRespected, outcome, to, stated }: MigrationReport, now: number): string {
  if (ready === undefined) return '–';
  const end =
    stated.end === undefined
      ? `its estimated end on ${moment(ready.deadline)}`
      : `its end on ${moment(ready.deadline)} (${endWord(stated.end)})`;
  const at = outcome === 'complete' ? (to ?? now) : now;
  if (windowRespected === undefined)
    return outcome === 'ready'
      ? `${duration(at, ready.deadline)} left until ${end}`
      : `No longer open: the migration ended before ${end}`;
  if (windowRespected) return `Cut over in time, ${duration(at, ready.deadline)} before ${end}`;
  if (outcome === 'complete')
    return `Cut over too late, ${duration(ready.deadline, at)} after ${end}${stated.end === undefined ? '; it may have been extended' : ''}`;
  return outcome === 'expired'
    ? `Not cut over in time, until ${end}`
    : `Overdue by ${duration(ready.deadline, at)}, since ${end}`;
}

/** Nobody knows whether Atlas starts its timer again. The log says the same of a further readiness. */
function firstWindowText(
  { since, deadline }: NonNullable<NonNullable<MigrationReport['ready']>['first']>,
  isOver: boolean,
): string {
  return isOver
    ? `Atlas may have counted from the first time it was ready, ${moment(since)}: the window then ended on ${moment(deadline)}`
    : `Atlas may still count from the first time it was ready, ${moment(since)}: the window then ends on ${moment(deadline)}`;
}

function gapText(gaps: readonly Gap[], now: number): string {
  if (gaps.length === 0) return 'none';
  const total = formatSpan(gapSeconds(gaps, now));
  return gaps.length === 1 ? total : `${total} in ${gaps.length} gaps`;
}

function ordinal(count: number): string {
  const suffixes: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' };
  return `${count}${suffixes[new Intl.PluralRules('en', { type: 'ordinal' }).select(count)]}`;
}
