import type { AtlasClient, PollResult } from '../../atlas/client.ts';
import { monotonicNow } from '../../daemon/clock.ts';
import { connectAtlas } from '../../daemon/connect.ts';
import { formatSpan } from '../../events/span.ts';
import { PollQueue } from '../../watch/poll-queue.ts';
import { RateLimits } from '../../watch/rate-limits.ts';
import type { Target } from '../../watch/target.ts';
import { type ExitCode, exitCode, roundExitCode } from '../exit-code.ts';
import { loadSignedSettings, type SignedSettings } from '../settings.ts';
import { formatTable } from '../table.ts';
import { print, say } from '../terminal.ts';
import { readVersion } from '../version.ts';

export interface CheckOptions {
  readonly config?: string;
  readonly json?: boolean;
}

interface Row {
  readonly target: Target;
  readonly result: PollResult;
}

/** Polls every migration once and prints what Atlas says of it. Nothing is remembered. */
export async function checkCommand({ config: file, json = false }: CheckOptions): Promise<ExitCode> {
  const settings = await loadSignedSettings(file);
  if (settings === undefined) return exitCode.configuration;
  const rows = await pollEach(settings);
  const redact = (text: string): string => settings.redactor.text(text);
  if (json) print(redact(JSON.stringify({ migrations: rows.map(toJson) }, undefined, 2)));
  else {
    print(redact(formatTable([['NAME', 'STATUS', 'READY', 'LAG', 'HOSTS'], ...rows.map(toCells)])));
    say(...rows.flatMap(toProblem).map(redact));
  }
  return roundExitCode(rows.map(({ result }) => (result.ok ? 'read' : result.error)));
}

async function pollEach({ config, access, redactor }: SignedSettings): Promise<readonly Row[]> {
  const limits = new RateLimits({
    requestsPerMinute: config.atlas.requestsPerMinute,
    maxRetryAfterMs: config.retry.maxRetryAfter,
    emit: () => true,
    now: Date.now,
    monotonic: monotonicNow,
  });
  const atlas = connectAtlas(config, access.credentials, readVersion(), {
    onRequest: (groupId) => limits.spend(groupId),
    onAttemptFailed: (groupId, error) => limits.attemptFailed(groupId, error),
    registerSecret: (secret) => redactor.register(secret),
  });
  const results = new Map<Target, PollResult>();
  const queue = new PollQueue<Target>({
    concurrency: () => config.atlas.concurrency,
    monotonic: monotonicNow,
    laneOf: ({ groupId }) => groupId,
    laneWaitMs: (groupId) => limits.waitMs(groupId),
    run: async (target) => void results.set(target, await poll(atlas.client, target)),
  });
  const polls = config.migrations.map((target) => queue.add(target, 0));
  queue.pump();
  await Promise.all(polls);
  await atlas.close();
  return [...results].map(([target, result]) => ({ target, result }));
}

function poll(client: AtlasClient, target: Target): Promise<PollResult> {
  return client.readMigration(target, new AbortController().signal);
}

function toCells({ target, result }: Row): string[] {
  if (!result.ok) return [target.name, 'unreadable', '-', '-', '-'];
  const { status, readyForCutover, lagTimeSeconds, migrationHosts } = result.reading;
  return [
    target.name,
    status ?? '-',
    readyForCutover === undefined ? '-' : readyForCutover ? 'yes' : 'no',
    lagTimeSeconds === undefined ? '-' : formatSpan(lagTimeSeconds),
    migrationHosts?.join(', ') || '-',
  ];
}

function toProblem({ target, result }: Row): string[] {
  return result.ok ? [] : [`${target.name}: ${result.error.detail} ${result.error.remedy}`];
}

function toJson({ target, result }: Row): object {
  const { name, groupId, liveMigrationId, labels } = target;
  const identity = { name, groupId, liveMigrationId, labels };
  if (result.ok) return { ...identity, ...result.reading };
  const { kind, httpStatus, errorCode, detail, remedy } = result.error;
  return { ...identity, error: { errorType: kind, httpStatus, errorCode, detail, remedy } };
}
