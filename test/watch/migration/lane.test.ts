import { describe, expect, it } from 'vitest';
import {
  axisPosition,
  type Lane,
  laneMarks,
  type MarkName,
  type Span,
} from '../../../src/watch/migration/lane.ts';
import { overlayNames } from '../../../src/watch/migration/overlays.ts';
import { phaseNames } from '../../../src/watch/migration/phases.ts';

const lane: Lane = { from: 1_000, to: 2_000, now: 1_500, spans: [] };

/** Returns the marks of a lane as class names with left and right edge. */
function drawn(what: Partial<Lane>) {
  return laneMarks({ ...lane, ...what }).map(({ className, x, width }) => [className, x, x + width]);
}

const now = ['line now', 50, 50];

describe('the marks of a lane', () => {
  it('are phases first and what lies over them afterwards, cut to the axis', () => {
    const spans: readonly Span[] = [
      ['unreadable', 1_100, 1_200],
      ['catching_up', 500, 1_400],
      ['stalled', 1_200, 1_300],
      ['ready', 1_400, 1_500],
      ['waiting', 100, 500],
    ];
    expect(drawn({ spans })).toEqual([
      ['phase catching_up', 0, 40],
      ['phase ready', 40, 50],
      ['hatched unreadable', 10, 20],
      ['stalled', 20, 30],
      now,
    ]);
  });

  it('have the name of their phase or overlay', () => {
    const names = [...phaseNames, ...overlayNames];
    const marks = laneMarks({ ...lane, spans: names.map((name) => [name, 1_000, 1_100]) });
    const expected: readonly MarkName[] = [...names, 'now'];
    expect(marks.map(({ name }) => name)).toEqual(expected);
    for (const { name, className } of marks) expect(className).toContain(name);
  });

  it('are where the axis has their moment', () => {
    expect(axisPosition(1_250, lane)).toBe(25);
    expect(axisPosition(2_500, lane)).toBe(150);
  });

  it('have the window as a bar from now to its end', () => {
    expect(drawn({ deadline: 1_900 })).toEqual([['window', 50, 90], ['line window-end', 90, 90], now]);
  });

  it('say that a window goes on beyond the axis', () => {
    const [mark] = laneMarks({ ...lane, deadline: 3_000 });
    expect(mark).toMatchObject({ name: 'window', x: 50, width: 50, from: 1_500, to: 3_000, goesOn: true });
    expect(drawn({ deadline: 3_000 })).toEqual([['window', 50, 100], now]);
  });

  it('have the time since a window ended', () => {
    expect(drawn({ deadline: 1_400 })).toEqual([['overdue', 40, 50], ['line window-end', 40, 40], now]);
  });

  it('have the estimate from its earliest moment, not before now, to its latest', () => {
    expect(drawn({ readyBetween: [1_600, 1_800] })).toEqual([['estimate', 60, 80], now]);
    expect(drawn({ readyBetween: [1_200, 1_800] })).toEqual([['estimate', 50, 80], now]);
    expect(drawn({ readyBetween: [1_200, 1_400] })).toEqual([now]);
  });

  it('have a planned cutover where there is one', () => {
    expect(drawn({ plannedAt: 1_700 })).toEqual([['line planned', 70, 70], now]);
  });

  it('show what is short, also at the right end of the axis', () => {
    const spans: readonly Span[] = [
      ['watching', 1_000, 2_000],
      ['not_watching', 1_999.9, 2_000],
    ];
    expect(drawn({ spans, now: 2_500 })).toEqual([
      ['phase watching', 0, 100],
      ['hatched not_watching', 99.85, 100],
    ]);
  });

  it('are those that are within the axis alone, and none on an axis without length', () => {
    expect(drawn({ spans: [['ready', 100, 1_000]], now: 2_100, plannedAt: 900 })).toEqual([]);
    expect(drawn({ to: 1_000, now: 1_200, spans: [['ready', 100, 1_200]] })).toEqual([]);
  });
});
