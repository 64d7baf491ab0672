import { cleanText } from '../../atlas/clean-text.ts';
import { policyOf } from '../../daemon/plan.ts';
import { loadCredentialsOf } from '../../daemon/settings.ts';
import { listenForStop, type StopRequest } from '../../daemon/signals.ts';
import type { Target } from '../../watch/migration/target.ts';
import { monotonicNow } from '../../watch/schedule/poller.ts';
import { callAfter } from '../call-after.ts';
import { leave } from '../exit.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { localTimes } from '../local-times.ts';
import { loadSource, type Source, type SourceOptions } from '../named-migrations.ts';
import { openOneShot } from '../one-shot.ts';
import { refusedSentence } from '../refused-sentence.ts';
import { print, printSentences, say } from '../terminal.ts';
import { chooseTargets, nameProblems, parseMaxLag, parseTimeout } from '../wait/arguments.ts';
import { lineDisplay, sentenceDisplay } from '../wait/display.ts';
import { endLines, type WaitReason } from '../wait/ending.ts';
import { afterPoll, type LagLimit } from '../wait/lag-limit.ts';
import { waitLine } from '../wait/progress-line.ts';
import { waitResult } from '../wait/result.ts';
import { allRefused, type Goal, verdictOf, type Waited, waitedOf } from '../wait/waited.ts';

export interface WaitOptions extends SourceOptions {
  readonly for: Goal;
  readonly maxLag?: string;
  readonly timeout?: string;
  readonly json?: boolean;
}

/** How a wait ended. */
interface WaitEnd {
  readonly code: ExitCode;
  readonly reason: WaitReason;
}

interface Wait {
  readonly goal: Goal;
  readonly names: readonly string[];
  readonly maxLagSeconds: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly json: boolean;
}

/** Longest sentence, in characters. A longer one is cut. */
const maxSentence = 4_000;

/**
 * Waits until every named migration, or every one at all, is ready for cutover, complete, or at any end, in the light of
 * what a watcher has recorded. Nothing is remembered.
 */
export async function waitCommand(
  names: readonly string[],
  { for: goal, maxLag, timeout, json = false, ...options }: WaitOptions,
): Promise<ExitCode> {
  const stop = listenForStop(() => leave(exitCode.no));
  try {
    const source = await loadSource(options);
    const timeoutMs = parseTimeout(timeout, 'wait');
    const maxLagSeconds = parseMaxLag(maxLag, goal);
    const where = options.migration === undefined ? undefined : 'the options --migration';
    const problems =
      typeof source === 'number' ? [] : nameProblems(source.settings.config.migrations, names, where);
    say(...[timeoutMs, maxLagSeconds].filter((problem) => typeof problem === 'string'), ...problems);
    if (typeof source === 'number') return source;
    if (typeof timeoutMs === 'string' || typeof maxLagSeconds === 'string' || problems.length > 0)
      return exitCode.usage;
    return await waitFor({ goal, names, maxLagSeconds, timeoutMs, json }, source, stop);
  } finally {
    stop.release();
  }
}

async function waitFor(wait: Wait, { settings, recordOf }: Source, stop: StopRequest): Promise<ExitCode> {
  const { goal, maxLagSeconds, timeoutMs } = wait;
  const { config, redactor } = settings;
  const policy = (target: Target) => policyOf(config, target);
  const clean = (text: string): string => cleanText(redactor.text(text), maxSentence);
  const { promise: ended, resolve: end } = Promise.withResolvers<WaitEnd>();
  const startedAt = monotonicNow();
  const leftMs = (): number | undefined =>
    timeoutMs === undefined ? undefined : Math.max(0, startedAt + timeoutMs - monotonicNow());

  const migrations = chooseTargets(config.migrations, wait.names);
  const recorded = await recordOf(migrations);
  const lagLimits = new Map<string, LagLimit>();
  const limitOf = ({ name }: Target): LagLimit | undefined =>
    maxLagSeconds === undefined ? undefined : (lagLimits.get(name) ?? { seconds: maxLagSeconds, polls: 0 });
  const all = (): readonly Waited[] =>
    oneShot.snapshots.map((snapshot) => waitedOf(snapshot, limitOf(snapshot.target)));
  const oneShot = await openOneShot({
    settings: { ...settings, config: { ...config, migrations: [...migrations] } },
    redactor,
    recorded: recorded.migrations,
    loadCredentials: (latest) => loadCredentialsOf(latest, redactor),
    onEvents: (events) => display.changed(events),
    onPolled: (target, result) => {
      const limit = limitOf(target);
      if (limit !== undefined)
        lagLimits.set(target.name, afterPoll(limit, result.ok ? result.reading.lagTimeSeconds : undefined));
      const verdict = verdictOf(goal, all());
      if (verdict !== 'waiting')
        end({
          code: verdict === 'reached' ? exitCode.done : exitCode.no,
          reason: { kind: 'decided' },
        });
    },
    onFault: (fault) => stop.request({ text: 'an internal error', fault }),
  });
  const display = process.stderr.isTTY
    ? lineDisplay(process.stderr, (columns) => {
        const times = { now: Date.now(), elapsedMs: monotonicNow() - startedAt, leftMs: leftMs() };
        return waitLine(goal, all(), { ...times, policyOf: policy, columns, clean });
      })
    : sentenceDisplay(clean);
  const stopTimer = callAfter(leftMs, () =>
    end({ code: exitCode.no, reason: { kind: 'timeout', afterMs: timeoutMs ?? 0 } }),
  );
  void stop.reason.then(() => end({ code: exitCode.no, reason: { kind: 'interrupted' } }));
  // The wait survives transient faults, but not credentials that are refused from the start.
  const endIfRefused = async (): Promise<void> => {
    await oneShot.firstRound();
    if (allRefused(all()))
      end({
        code: exitCode.refused,
        reason: { kind: 'refused', sentence: refusedSentence(settings) },
      });
  };
  void endIfRefused();

  const { code, reason } = await ended;
  stopTimer();
  display.end();
  const results = all();
  const { snapshots } = oneShot;
  const closed = oneShot.close();
  if (stop.fault === undefined) {
    const now = Date.now();
    if (wait.json) {
      const elapsedMs = monotonicNow() - startedAt;
      const context = { goal, maxLagSeconds, elapsedMs, now, policyOf: policy };
      const pairs = snapshots.map((snapshot) => ({
        snapshot,
        waited: waitedOf(snapshot, limitOf(snapshot.target)),
      }));
      print(JSON.stringify(redactor.data(waitResult(reason, pairs, context)), undefined, 2));
    } else {
      const context = { now, policyOf: policy, times: localTimes() };
      printSentences(...endLines(reason, goal, results, context).map(clean));
    }
  }
  // Signing out a service account takes a while, and a second signal may cut it short: the output is complete by now.
  await closed;
  if (stop.fault !== undefined) throw stop.fault;
  return code;
}
