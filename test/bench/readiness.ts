/** When a fleet turns ready: each migration once, evenly over a time; or again and again. */
export type Readiness =
  | { readonly kind: 'once'; readonly from: number; readonly overMs: number }
  | { readonly kind: 'again' };

/** A cycle of `again`: ready at some moment of the first `spreadMs`, until `readyMs` after its begin. */
const cycle = { everyMs: 4_000, spreadMs: 1_000, readyMs: 2_500 };

/** An irrational step spreads moments evenly, however many there are. */
const goldenShare = (Math.sqrt(5) - 1) / 2;

/** Returns when a migration turns ready, in ms since 1970; for `again`, in the cycle under way at `now`. */
export function readyAt(readiness: Readiness, number: number, now: number): number {
  if (readiness.kind === 'once') return readiness.from + evenShare(number) * readiness.overMs;
  const count = Math.floor(now / cycle.everyMs);
  return count * cycle.everyMs + evenShare(count) * cycle.spreadMs;
}

export function isReady(readiness: Readiness | undefined, number: number, now: number): boolean {
  if (readiness === undefined || now < readyAt(readiness, number, now)) return false;
  return readiness.kind === 'once' || now % cycle.everyMs < cycle.readyMs;
}

function evenShare(number: number): number {
  return (number * goldenShare) % 1;
}
