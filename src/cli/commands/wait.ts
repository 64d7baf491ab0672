import { cleanText } from '../../atlas/clean-text.ts';
import { policyOf } from '../../daemon/plan.ts';
import type { Settings } from '../../daemon/settings.ts';
import { loadCredentialsOf } from '../../daemon/settings.ts';
import { listenForStop, type StopRequest } from '../../daemon/signals.ts';
import type { Target } from '../../watch/migration/target.ts';
import { monotonicNow } from '../../watch/schedule/poller.ts';
import { callAfter } from '../call-after.ts';
import { readRecordedState } from '../check/recorded-state.ts';
import { leave } from '../exit.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { loadSettings } from '../load-settings.ts';
import { localTimes } from '../local-times.ts';
import { openOneShot } from '../one-shot.ts';
import { refusedSentence } from '../refused-sentence.ts';
import { printSentences, say } from '../terminal.ts';
import { chooseTargets, nameProblems, parseTimeout } from '../wait/arguments.ts';
import { lineDisplay, sentenceDisplay } from '../wait/display.ts';
import { endLines, type WaitReason } from '../wait/ending.ts';
import { waitLine } from '../wait/progress-line.ts';
import { allRefused, type Goal, verdictOf, type Waited, waitedOf } from '../wait/waited.ts';

export interface WaitOptions {
  readonly config?: string;
  readonly for: Goal;
  readonly timeout?: string;
}

/** How a wait ended. */
interface WaitEnd {
  readonly code: ExitCode;
  readonly reason: WaitReason;
}

interface Wait {
  readonly goal: Goal;
  readonly names: readonly string[];
  readonly timeoutMs: number | undefined;
}

/** Longest sentence, in characters. A longer one is cut. */
const maxSentence = 4_000;

/**
 * Waits until every named migration, or every one at all, is ready for cutover or complete, in the light of what
 * a watcher has recorded. Nothing is remembered.
 */
export async function waitCommand(
  names: readonly string[],
  { config: file, for: goal, timeout }: WaitOptions,
): Promise<ExitCode> {
  const stop = listenForStop(() => leave(exitCode.no));
  try {
    const settings = await loadSettings(file);
    const timeoutMs = parseTimeout(timeout, 'wait');
    const problems = settings === undefined ? [] : nameProblems(settings.config.migrations, names);
    if (typeof timeoutMs === 'string') say(timeoutMs);
    say(...problems);
    if (settings === undefined) return exitCode.configuration;
    if (typeof timeoutMs === 'string' || problems.length > 0) return exitCode.usage;
    return await waitFor({ goal, names, timeoutMs }, settings, stop);
  } finally {
    stop.release();
  }
}

async function waitFor(wait: Wait, settings: Settings, stop: StopRequest): Promise<ExitCode> {
  const { goal, timeoutMs } = wait;
  const { config, redactor } = settings;
  const policy = (target: Target) => policyOf(config, target);
  const clean = (text: string): string => cleanText(redactor.text(text), maxSentence);
  const { promise: ended, resolve: end } = Promise.withResolvers<WaitEnd>();
  const startedAt = monotonicNow();
  const leftMs = (): number | undefined =>
    timeoutMs === undefined ? undefined : Math.max(0, startedAt + timeoutMs - monotonicNow());

  const migrations = chooseTargets(config.migrations, wait.names);
  const recorded = readRecordedState(config.state.path, migrations, Date.now());
  const all = (): readonly Waited[] => oneShot.snapshots.map(waitedOf);
  const oneShot = await openOneShot({
    settings: { ...settings, config: { ...config, migrations: [...migrations] } },
    redactor,
    recorded: recorded.migrations,
    loadCredentials: (latest) => loadCredentialsOf(latest, redactor),
    onEvents: (events) => display.changed(events),
    onPolled: () => {
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
  const closed = oneShot.close();
  if (stop.fault === undefined) {
    const context = { now: Date.now(), policyOf: policy, times: localTimes() };
    printSentences(...endLines(reason, goal, results, context).map(clean));
  }
  // Signing out a service account takes a while, and a second signal may cut it short: the output is complete by now.
  await closed;
  if (stop.fault !== undefined) throw stop.fault;
  return code;
}
