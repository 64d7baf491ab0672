import { describe, expect, it } from 'vitest';
import { merged, type Observed, overlaysOf } from '../../../src/watch/migration/overlays.ts';
import type { PhaseEvent } from '../../../src/watch/migration/phases.ts';
import { hour, start } from '../sample-migrations.ts';

const at = (hours: number): number => start + hours * hour;
const event = (name: string, hours: number, fields: object = {}): PhaseEvent => ({
  event: name,
  time: new Date(at(hours)).toISOString(),
  ...fields,
});
const read: Observed = {
  rememberedSince: start,
  firstObservedAt: start,
  observation: { observedAt: at(10) },
};

/** Returns the overlays in hours since the start. */
function overlays(events: readonly PhaseEvent[], state: Partial<Observed> = {}, end = 10) {
  return overlaysOf(events, { ...read, ...state }, at(end)).map(({ overlay, from, to }) => [
    overlay,
    (from - start) / hour,
    (to - start) / hour,
  ]);
}

describe('what lies over the phases of a migration', () => {
  const stalled = event('migration.lag_stalled', 2, { stalledForSeconds: 1_800 });

  it.each(['lag_recovered', 'ready_for_cutover', 'failed', 'status_changed'])(
    'is a stall from the latest progress to migration.%s',
    (name) => {
      expect(overlays([stalled, event(`migration.${name}`, 4)])).toEqual([['stalled', 1.5, 4]]);
    },
  );

  it('is a stall that lasts', () => {
    expect(overlays([stalled])).toEqual([['stalled', 1.5, 10]]);
  });

  it('is each gap by its reason, and the outage that lasts from the latest observation on', () => {
    const gaps = [
      { from: at(1), to: at(2), reason: 'unreachable' },
      { from: at(3), to: at(4), reason: 'not watched' },
    ] as const;
    const outage = { failures: 2, since: at(9.1), errorType: 'network' } as const;
    expect(overlays([], { gaps, outage, observation: { observedAt: at(9) } })).toEqual([
      ['unreadable', 1, 2],
      ['unreadable', 9, 10],
      ['not_watched', 3, 4],
    ]);
    expect(overlays([], { outage: { ...outage, failures: 1 } })).toEqual([]);
  });

  it('is an outage of its own that its state no longer has, and one that it has, once', () => {
    const recovered = event('watcher.recovered', 3, { scope: 'migration', downSeconds: 3_600 });
    expect(overlays([recovered])).toEqual([['unreadable', 2, 3]]);
    const gap = { from: at(1.9), to: at(3), reason: 'unreachable' } as const;
    expect(overlays([recovered], { gaps: [gap] })).toEqual([['unreadable', 1.9, 3]]);
  });

  it.each(['project', 'account'])(
    'is the time in which refused credentials of the %s held it back',
    (scope) => {
      const refused = event('watcher.unreachable', 3, {
        scope,
        errorType: 'unauthorized',
        since: new Date(at(2.9)).toISOString(),
      });
      const reminder = { ...refused, ...event('watcher.unreachable', 4), reminder: true };
      expect(
        overlays([refused, reminder, event('watcher.recovered', 5, { scope, downSeconds: 7_560 })]),
      ).toEqual([['unreadable', 2.9, 5]]);
      expect(overlays([refused])).toEqual([['unreadable', 2.9, 10]]);
      expect(overlays([refused], { settlement: 'COMPLETE', settledAt: at(2) })).toEqual([]);
    },
  );

  it('is no outage of a scope in which others failed and it was read', () => {
    const others = event('watcher.unreachable', 3, { scope: 'account', errorType: 'timeout' });
    expect(overlays([others, event('watcher.recovered', 4, { scope: 'account', downSeconds: 60 })])).toEqual(
      [],
    );
  });
});

describe('merged times', () => {
  it('are in order, and touch no other', () => {
    const times = [
      { from: 5, to: 6 },
      { from: 1, to: 3 },
      { from: 3, to: 4 },
      { from: 2, to: 2 },
      { from: 9, to: 8 },
    ];
    expect(merged(times)).toEqual([
      { from: 1, to: 4 },
      { from: 5, to: 6 },
    ]);
  });
});
