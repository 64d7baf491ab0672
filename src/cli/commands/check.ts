import type { PollResult } from '../../atlas/client.ts';
import { policyOf } from '../../daemon/policy.ts';
import { formatSpan } from '../../events/span.ts';
import type { MigrationState } from '../../state/migration-state.ts';
import { recordedSamples } from '../../state/recorded-samples.ts';
import { estimateOf, lagFields } from '../../watch/lag-events.ts';
import { type LagTrend, trendWindowMs } from '../../watch/lag-trend.ts';
import type { Target } from '../../watch/target.ts';
import { keyOf } from '../../watch/target-changes.ts';
import { type ExitCode, exitCode, roundExitCode } from '../exit-code.ts';
import { openPolling } from '../polling.ts';
import { loadSignedSettings, type SignedSettings } from '../settings.ts';
import { formatTable } from '../table.ts';
import { print, say } from '../terminal.ts';
import { describeEstimate, describeTrend } from '../wait/estimate.ts';
import { afterPoll, unread } from '../wait/waited.ts';

export interface CheckOptions {
  readonly config?: string;
  readonly json?: boolean;
}

interface Row {
  readonly target: Target;
  readonly result: PollResult;
  readonly state: MigrationState | undefined;
  /** From the lag of this poll and the samples of a running watcher. */
  readonly trend: LagTrend | undefined;
}

/**
 * Polls every migration once and prints what Atlas says of it, with the trend of its lag where a watcher has recorded
 * samples of late. Nothing is remembered.
 */
export async function checkCommand({ config: file, json = false }: CheckOptions): Promise<ExitCode> {
  const settings = await loadSignedSettings(file);
  if (settings === undefined) return exitCode.configuration;
  const rows = await pollEach(settings);
  const redact = (text: string): string => settings.redactor.text(text);
  if (json) print(redact(JSON.stringify({ migrations: rows.map(toJson) }, undefined, 2)));
  else {
    print(
      redact(
        formatTable([['NAME', 'STATUS', 'READY', 'LAG', 'TREND', 'READY IN', 'HOSTS'], ...rows.map(toCells)]),
      ),
    );
    say(...rows.flatMap(toProblem).map(redact));
  }
  return roundExitCode(rows.map(({ result }) => (result.ok ? 'read' : result.error)));
}

async function pollEach(settings: SignedSettings): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const { migrations, state } = settings.config;
  const policy = policyOf(settings.config);
  const recorded = recordedSamples(state.path, Date.now() - trendWindowMs);
  const polling = openPolling(settings, (target, result) => {
    const samples = recorded.filter((sample) => keyOf(sample) === keyOf(target));
    const { waited } = afterPoll({ ...unread(target), samples }, result, Date.now(), policy, []);
    const { state: seen, trend } = waited;
    const isTold = seen?.observation?.lagTimeSeconds !== undefined;
    rows.push({ target, result, state: seen, trend: isTold ? trend : undefined });
  });
  const polls = migrations.map((target) => polling.queue.add(target, 0));
  polling.queue.pump();
  await Promise.all(polls);
  await polling.close();
  return rows.toSorted((one, other) => migrations.indexOf(one.target) - migrations.indexOf(other.target));
}

function toCells({ target, result, state, trend }: Row): string[] {
  if (!result.ok) return [target.name, 'unreadable', '-', '-', '-', '-', '-'];
  const { status, readyForCutover, lagTimeSeconds, migrationHosts } = result.reading;
  return [
    target.name,
    status ?? '-',
    readyForCutover === undefined ? '-' : readyForCutover ? 'yes' : 'no',
    lagTimeSeconds === undefined ? '-' : formatSpan(lagTimeSeconds),
    trend === undefined ? '-' : describeTrend(trend),
    (state && describeEstimate(state, trend, Date.now())) ?? '-',
    migrationHosts?.join(', ') || '-',
  ];
}

function toProblem({ target, result }: Row): string[] {
  return result.ok ? [] : [`${target.name}: ${result.error.detail} ${result.error.remedy}`];
}

function toJson({ target, result, state, trend }: Row): object {
  const { name, groupId, liveMigrationId, labels } = target;
  const identity = { name, groupId, liveMigrationId, labels };
  if (result.ok) {
    const estimate = state && estimateOf(state, trend);
    return { ...identity, ...result.reading, ...lagFields(trend, estimate) };
  }
  const { kind, httpStatus, errorCode, detail, remedy } = result.error;
  return { ...identity, error: { errorType: kind, httpStatus, errorCode, detail, remedy } };
}
