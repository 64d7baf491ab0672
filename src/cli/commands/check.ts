import type { PollResult } from '../../atlas/client.ts';
import { formatSpan } from '../../events/span.ts';
import type { Target } from '../../watch/target.ts';
import { type ExitCode, exitCode, roundExitCode } from '../exit-code.ts';
import { openPolling } from '../polling.ts';
import { loadSignedSettings, type SignedSettings } from '../settings.ts';
import { formatTable } from '../table.ts';
import { print, say } from '../terminal.ts';

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

async function pollEach(settings: SignedSettings): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const polling = openPolling(settings, (target, result) => void rows.push({ target, result }));
  const { migrations } = settings.config;
  const polls = migrations.map((target) => polling.queue.add(target, 0));
  polling.queue.pump();
  await Promise.all(polls);
  await polling.close();
  return rows.toSorted((one, other) => migrations.indexOf(one.target) - migrations.indexOf(other.target));
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
