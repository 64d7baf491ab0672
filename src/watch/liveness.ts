/** What tells whether the poll loop still beats. All by the monotonic clock, in ms. */
export interface LivenessView {
  /** When each clock that begins polls looked last: every second, or more often. */
  readonly looks: readonly number[];
  /** When the oldest poll under way began. */
  readonly oldestBegunAt: number | undefined;
  /** The longest that a poll may take. */
  readonly pollTimeoutMs: number;
  /** When the next waiting poll was to begin, if one waits and there is room for it. */
  readonly nextStartAt: number | undefined;
}

export type Liveness = { readonly alive: true } | { readonly alive: false; readonly reason: string };

/** A busy machine makes everything late; the watcher is taken for stuck only when that can not be it. */
const marginMs = 30_000;

/**
 * Returns whether the poll loop beats: its clocks look, polls end, and those that wait begin. What Atlas answers,
 * or whether it does, has no part in it. The reason is a sentence for people.
 */
export function liveness(
  { looks, oldestBegunAt, pollTimeoutMs, nextStartAt }: LivenessView,
  monotonicNow: number,
): Liveness {
  const since = (at: number): number => monotonicNow - at;
  const silentMs = Math.max(...looks.map(since));
  if (silentMs > marginMs)
    return stuck(
      `A schedule has not looked at its clock for ${seconds(silentMs)}, which it does every second`,
    );
  const pollMs = oldestBegunAt === undefined ? 0 : since(oldestBegunAt);
  if (pollMs > pollTimeoutMs + marginMs)
    return stuck(`A poll has been under way for ${seconds(pollMs)}; it may take ${seconds(pollTimeoutMs)}`);
  const lateMs = nextStartAt === undefined ? 0 : since(nextStartAt);
  if (lateMs > marginMs) return stuck(`A poll was to begin ${seconds(lateMs)} ago and has not`);
  return { alive: true };
}

function stuck(what: string): Liveness {
  return { alive: false, reason: `${what}. Restart the watcher, which loses nothing, and report this.` };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
