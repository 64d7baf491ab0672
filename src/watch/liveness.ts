/** What shows whether the poll loop runs. Moments of the monotonic clock, in ms. */
export interface LivenessView {
  /** When the loop woke last, which it does once a second; or when it was started. */
  readonly wokenAt: number;
  /** When the oldest poll under way began. */
  readonly oldestStartedAt: number | undefined;
  /** The longest that a poll may take, in ms. */
  readonly pollTimeoutMs: number;
}

export type Liveness =
  | { readonly alive: true }
  | {
      readonly alive: false;
      readonly reason: string;
      /** How long ago the loop last ran. */
      readonly stuckForSeconds: number;
    };

/** On a busy machine everything is late. The watcher counts as stuck only beyond that. */
const marginMs = 30_000;

/**
 * Returns whether the poll loop runs: it wakes, and its polls end. The replies of Atlas do not matter. The reason
 * is a sentence for people.
 */
export function liveness(
  { wokenAt, oldestStartedAt, pollTimeoutMs }: LivenessView,
  monotonicNow: number,
): Liveness {
  const silentMs = monotonicNow - wokenAt;
  if (silentMs > marginMs)
    return stuck(
      `The scheduler has been stuck for ${seconds(silentMs)} (it should run every second)`,
      silentMs,
    );
  const pollMs = oldestStartedAt === undefined ? 0 : monotonicNow - oldestStartedAt;
  if (pollMs > pollTimeoutMs + marginMs)
    return stuck(
      `A poll has been running for ${seconds(pollMs)} (at most ${seconds(pollTimeoutMs)} is allowed)`,
      pollMs,
    );
  return { alive: true };
}

function stuck(what: string, stuckMs: number): Liveness {
  return {
    alive: false,
    stuckForSeconds: Math.round(stuckMs / 1000),
    reason: `${what}. Restart the watcher (no data is lost) and report this as a bug.`,
  };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
