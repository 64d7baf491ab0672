/** What is known when a schedule looks at its clocks. All in ms. */
export interface ClockView {
  /** When the next tick is due by the wall clock. */
  readonly dueAt: number;
  readonly now: number;
  /** When it is due by the monotonic clock, as seen when it was planned. */
  readonly dueMonotonic: number;
  readonly monotonic: number;
}

/** A sleeping timer does not notice that the wall clock is set, so it wakes this often to look. */
const lookEveryMs = 1_000;

/**
 * Returns 0 when a schedule is to tick now, else how long to sleep before looking again, in ms.
 *
 * It ticks once when the wall clock has reached the due time, however far beyond: ticks missed while a machine
 * slept or a clock was set forward are not made up for. It also ticks when the time planned has passed by the
 * monotonic clock, as a wall clock set back would silence it otherwise.
 */
export function sleepBeforeTick({ dueAt, now, dueMonotonic, monotonic }: ClockView): number {
  const leftMs = Math.min(dueAt - now, dueMonotonic - monotonic);
  return leftMs <= 0 ? 0 : Math.min(Math.ceil(leftMs), lookEveryMs);
}
