import type { OverlayName } from './overlays.ts';
import type { PhaseName } from './phases.ts';

/** What a lane shows of the past: of a migration, its phases and what lies over them; of the watcher, whether it ran. */
type SpanName = PhaseName | OverlayName | 'watching' | 'not_watching';

/** A phase or an overlay, as `GET /api/timeline` sends it. */
export type Span = readonly [name: SpanName, from: number, to: number];

/**
 * What one lane shows. Moments may be in seconds or in milliseconds since 1970, as long as all of them are in the same
 * unit.
 */
export interface Lane {
  /** Left and right end of the axis; it may go on beyond `now`. */
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly spans: readonly Span[];
  /** Of one that is ready: the estimated end of its window. */
  readonly deadline?: number | undefined;
  /** Of one that is copied: the moments between which it is expected to become ready. */
  readonly readyBetween?: readonly [earliest: number, latest: number] | undefined;
  /** A planned cutover. */
  readonly plannedAt?: number | undefined;
}

/** What a mark shows: a span, or what the lane has beside its spans. */
export type MarkName = SpanName | 'window' | 'overdue' | 'window_end' | 'estimate' | 'planned' | 'now';

/**
 * One rectangle of a lane, or a vertical line where `width` is 0. Draw them in the order given. Texts are in
 * `watch/words.ts`, under the name.
 */
export interface LaneMark {
  readonly name: MarkName;
  /**
   * Class names: `phase` and the name of the phase; `stalled`; `hatched` and the name of the overlay; `window`;
   * `overdue`; `estimate`, a range that fades out to its right; `line` and `now`, `window-end` or `planned`.
   */
  readonly className: string;
  /** Left edge and width in per cent of the axis, with two decimals. */
  readonly x: number;
  readonly width: number;
  /** What it stands for, not cut to the axis. */
  readonly from: number;
  readonly to: number;
  /** It goes on to the right of the axis. */
  readonly goesOn: boolean;
}

const hatched: ReadonlySet<SpanName> = new Set(['unreadable', 'not_watched', 'not_watching']);
/** Nothing is narrower, in per cent: a short outage must not vanish. */
const leastWidth = 0.15;

/** Returns where a moment is on an axis, in per cent of its length. It may lie outside of it. */
export function axisPosition(at: number, { from, to }: Pick<Lane, 'from' | 'to'>): number {
  return ((at - from) / (to - from)) * 100;
}

/**
 * Returns what is drawn of one lane, in the order of drawing: phases, what lies over them, the window or the estimate,
 * the planned cutover, and now. What lies outside the axis is left out.
 */
export function laneMarks(lane: Lane): readonly LaneMark[] {
  const { from, to, now, spans, deadline, readyBetween, plannedAt } = lane;
  if (to <= from) return [];
  const marks: LaneMark[] = [];
  const rectangle = (name: MarkName, className: string, begin: number, end: number): void => {
    if (end <= begin || end <= from || begin >= to) return;
    const x = axisPosition(Math.max(begin, from), lane);
    const width = Math.max(leastWidth, axisPosition(Math.min(end, to), lane) - x);
    marks.push({
      name,
      className,
      x: hundredths(Math.min(x, 100 - width)),
      width: hundredths(width),
      from: begin,
      to: end,
      goesOn: end > to,
    });
  };
  const line = (name: MarkName, className: string, at: number): void => {
    if (at < from || at > to) return;
    const x = hundredths(axisPosition(at, lane));
    marks.push({ name, className: `line ${className}`, x, width: 0, from: at, to: at, goesOn: false });
  };

  for (const [name, begin, end] of spans.toSorted(([one], [other]) => layerOf(one) - layerOf(other)))
    rectangle(name, classOf(name), begin, end);
  if (deadline !== undefined) {
    rectangle('window', 'window', now, deadline);
    rectangle('overdue', 'overdue', deadline, now);
    line('window_end', 'window-end', deadline);
  } else if (readyBetween !== undefined) {
    const [earliest, latest] = readyBetween;
    rectangle('estimate', 'estimate', Math.max(now, earliest), latest);
  }
  if (plannedAt !== undefined) line('planned', 'planned', plannedAt);
  line('now', 'now', now);
  return marks;
}

function layerOf(name: SpanName): number {
  return classOf(name).startsWith('phase') ? 0 : 1;
}

function classOf(name: SpanName): string {
  if (hatched.has(name)) return `hatched ${name}`;
  return name === 'stalled' ? 'stalled' : `phase ${name}`;
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
