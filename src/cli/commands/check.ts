import { cleanText } from '../../atlas/clean-text.ts';
import { policyOf } from '../../daemon/plan.ts';
import type { Settings } from '../../daemon/settings.ts';
import { loadCredentialsOf } from '../../daemon/settings.ts';
import { compareUrgency } from '../../watch/migration/urgency.ts';
import { type RecordedState, readRecordedState } from '../check/recorded-state.ts';
import { type CheckResult, checkResult, toJson, urgencyFacts } from '../check/result.ts';
import { checkTable } from '../check/table.ts';
import { type ExitCode, exitCode, roundExitCode } from '../exit-code.ts';
import { loadSettings } from '../load-settings.ts';
import { openOneShot } from '../one-shot.ts';
import { refusedSentence } from '../refused-sentence.ts';
import { columnsOf, print, say, wantsColor } from '../terminal.ts';

export interface CheckOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/**
 * Polls every migration once and prints what Atlas says of it, the most urgent first, in the light of what a watcher
 * has recorded. Nothing is remembered.
 */
export async function checkCommand({ config: file, json = false }: CheckOptions): Promise<ExitCode> {
  const settings = await loadSettings(file);
  if (settings === undefined) return exitCode.configuration;
  const { migrations, state } = settings.config;
  const recorded = readRecordedState(state.path, migrations, Date.now());
  const results = await checkEach(settings, recorded);
  const { redactor } = settings;
  if (json)
    print(
      JSON.stringify({ migrations: results.map((result) => redactor.data(toJson(result))) }, undefined, 2),
    );
  else {
    const clean = (text: string): string => redactor.text(cleanText(text, Number.POSITIVE_INFINITY));
    const { stdout } = process;
    print(checkTable(results, Date.now(), { color: wantsColor(stdout), columns: columnsOf(stdout), clean }));
    if (recorded.gap !== undefined) print(`\n${clean(recorded.gap)}`);
    say(...results.flatMap(problemsOf).map(clean));
    if (results.some(({ error }) => error?.kind === 'unauthorized')) say(clean(refusedSentence(settings)));
  }
  return roundExitCode(results.map(({ error }) => error ?? 'read'));
}

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
  return oneShot.snapshots
    .map((snapshot) => checkResult(snapshot, recorded.of(snapshot.target)?.state, now, policyOf(config)))
    .filter((result) => result !== undefined)
    .toSorted((one, other) => compareUrgency(urgencyFacts(one), urgencyFacts(other), now));
}

function problemsOf({ target, error }: CheckResult): string[] {
  return error === undefined ? [] : [`${target.name}: ${error.detail} ${error.remedy}`];
}
