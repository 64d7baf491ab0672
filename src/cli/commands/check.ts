import { cleanText } from '../../atlas/clean-text.ts';
import { policyOf } from '../../daemon/plan.ts';
import type { Settings } from '../../daemon/settings.ts';
import { loadCredentialsOf } from '../../daemon/settings.ts';
import { headline, withoutToday } from '../../watch/headline.ts';
import { compareUrgency } from '../../watch/migration/urgency.ts';
import type { RecordedState } from '../check/recorded-state.ts';
import { type CheckResult, checkResult, faultOf, standingOf, toJson, urgencyFacts } from '../check/result.ts';
import { checkTable, statedLines } from '../check/table.ts';
import { type ExitCode, roundExitCode } from '../exit-code.ts';
import { faultSentences } from '../fault-sentences.ts';
import { localTimes } from '../local-times.ts';
import { loadSource, type SourceOptions } from '../named-migrations.ts';
import { openOneShot } from '../one-shot.ts';
import { refusedSentence } from '../refused-sentence.ts';
import { styleOfTone } from '../standing-style.ts';
import { columnsOf, paint, print, printSentences, say, wantsColor } from '../terminal.ts';

export interface CheckOptions extends SourceOptions {
  readonly json?: boolean;
}

/**
 * Polls every migration once and prints what Atlas says of it, the most urgent first, in the light of what a watcher
 * has recorded. Nothing is remembered.
 */
export async function checkCommand({ json = false, ...options }: CheckOptions): Promise<ExitCode> {
  const source = await loadSource(options);
  if (typeof source === 'number') return source;
  const { settings } = source;
  const recorded = await source.recordOf(settings.config.migrations);
  const results = await checkEach(settings, recorded);
  if (json) {
    const shown = results.map((result) => settings.redactor.data(toJson(result)));
    print(JSON.stringify({ migrations: shown }, undefined, 2));
  } else show(results, recorded, settings);
  return roundExitCode(results.map((result) => faultOf(result) ?? 'read'));
}

/** Prints the table, what is missing in it, each fault once, and how everything stands. */
function show(results: readonly CheckResult[], { gap }: RecordedState, settings: Settings): void {
  const { credentials, redactor } = settings;
  const { stdout } = process;
  const clean = (text: string): string => redactor.text(cleanText(text, Number.POSITIVE_INFINITY));
  const [now, times, color] = [Date.now(), localTimes(), wantsColor(stdout)];
  print(checkTable(results, now, { color, columns: columnsOf(stdout), clean, times }));
  const stated = statedLines(results, times);
  if (stated.length > 0) printSentences('', ...stated.map(clean));
  if (gap !== undefined) printSentences('', clean(gap));
  const unread = results.flatMap((result) => {
    const error = faultOf(result);
    return error === undefined ? [] : [{ name: result.target.name, error }];
  });
  if (unread.length > 0) say('', ...faultSentences(unread, results.length).map(clean));
  if (unread.some(({ error }) => error.kind === 'unauthorized')) say(clean(refusedSentence(settings)));
  const facts = { migrations: results.map(standingOf), credential: credentials.type };
  const { text, tone } = headline(facts, now, withoutToday(now, times.momentOf));
  printSentences('', paint(color, styleOfTone[tone], clean(text)));
}

/** Migrations that were not polled, as refused credentials held them back, have the refusal of the others. */
async function checkEach(settings: Settings, recorded: RecordedState): Promise<readonly CheckResult[]> {
  const { config, redactor } = settings;
  const fault = Promise.withResolvers<never>();
  const oneShot = await openOneShot({
    settings,
    redactor,
    recorded: recorded.migrations,
    loadCredentials: (latest) => loadCredentialsOf(latest, redactor),
    onFault: fault.reject,
  });
  try {
    await Promise.race([oneShot.firstRound(), fault.promise]);
  } finally {
    await oneShot.close();
  }
  const now = Date.now();
  const { snapshots } = oneShot;
  const polls = snapshots.map(({ latest }) => latest).filter((latest) => latest !== 'read');
  const refusal = polls.find((error) => error?.kind === 'unauthorized');
  return snapshots
    .map((snapshot) => ({ ...snapshot, latest: snapshot.latest ?? refusal }))
    .map((snapshot) => {
      const { target } = snapshot;
      return checkResult(snapshot, recorded.of(target)?.state, now, policyOf(config, target));
    })
    .filter((result) => result !== undefined)
    .toSorted((one, other) => compareUrgency(urgencyFacts(one), urgencyFacts(other), now));
}
