import { cleanText } from '../../atlas/clean-text.ts';
import { policyOf } from '../../daemon/plan.ts';
import type { Settings } from '../../daemon/settings.ts';
import { compareUrgency } from '../../watch/migration/urgency.ts';
import { type RecordedState, readRecordedState } from '../check/recorded-state.ts';
import { type CheckResult, checkResult, toJson, urgencyFacts } from '../check/result.ts';
import { checkTable } from '../check/table.ts';
import { type ExitCode, exitCode, roundExitCode } from '../exit-code.ts';
import { loadSettings } from '../load-settings.ts';
import { openPolling } from '../polling.ts';
import { columnsOf, print, say, wantsColour } from '../terminal.ts';

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
  const looks = await lookAtEach(settings, recorded);
  const { redactor } = settings;
  if (json) print(redactor.text(JSON.stringify({ migrations: looks.map(toJson) }, undefined, 2)));
  else {
    const clean = (text: string): string => redactor.text(cleanText(text, Number.POSITIVE_INFINITY));
    const { stdout } = process;
    print(checkTable(looks, Date.now(), { colour: wantsColour(stdout), columns: columnsOf(stdout), clean }));
    if (recorded.gap !== undefined) print(`\n${clean(recorded.gap)}`);
    say(...looks.flatMap(toProblem).map(clean));
  }
  return roundExitCode(looks.map(({ result }) => (result.ok ? 'read' : result.error)));
}

async function lookAtEach(settings: Settings, recorded: RecordedState): Promise<readonly CheckResult[]> {
  const looks: CheckResult[] = [];
  const { migrations } = settings.config;
  const policy = policyOf(settings.config);
  const polling = openPolling(settings, (target, result) =>
    looks.push(checkResult(target, result, recorded.of(target), Date.now(), policy)),
  );
  const polls = migrations.map((target) => polling.queue.add(target, 0));
  polling.queue.pump();
  await Promise.all(polls);
  await polling.close();
  return looks
    .toSorted((one, other) => migrations.indexOf(one.target) - migrations.indexOf(other.target))
    .toSorted((one, other) => compareUrgency(urgencyFacts(one), urgencyFacts(other)));
}

function toProblem({ target, result }: CheckResult): string[] {
  return result.ok ? [] : [`${target.name}: ${result.error.detail} ${result.error.remedy}`];
}
