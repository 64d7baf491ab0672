import { describe, expect, test } from 'vitest';
import { readMoment } from '../../src/config/moment.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { hour, minute, namesOf, start } from './sample-migrations.ts';
import { WordedLife } from './worded-life.ts';

const ready = { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 5 };
const copying = { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 500 };

/** A migration that became ready at `start`, so many hours later. */
function readyFor(hours: number): WordedLife {
  const life = new WordedLife();
  life.poll(copying, 0);
  life.now = start;
  life.poll(ready, 0);
  life.now = start + hours * hour;
  life.poll(ready, 0);
  life.events.length = 0;
  return life;
}

function later(life: WordedLife, hours: number): readonly EventRecord[] {
  return life.poll(ready, hours * hour);
}

/** Events with what tells them apart. */
function shown(events: readonly EventRecord[]): string[] {
  return events.map(({ event, threshold, reason, cause }) =>
    [event.replace('migration.', ''), threshold, reason, cause]
      .filter((part) => part !== undefined)
      .join(' '),
  );
}

describe('a stated deadline', () => {
  test('before any warning moves all warnings with it', () => {
    const life = readyFor(24);
    expect(shown(life.ask({ command: 'extend', until: start + 200 * hour }))).toEqual(['window_changed']);
    expect(life.events[0]).toMatchObject({
      from: '2026-11-28T23:00:00.000Z',
      to: '2026-12-02T07:00:00.000Z',
      source: 'operator',
      author: 'anna',
      remainingSeconds: 176 * 3600,
    });
    expect(shown(later(life, 49))).toEqual(['cutover_reminder']);
    const warning = later(life, 79);
    expect(shown(warning)).toEqual(['cutover_deadline_near 48h']);
    expect(warning[0]).toMatchObject({
      deadline: '2026-12-02T07:00:00.000Z',
      deadlineEstimated: false,
      deadlineSource: 'operator',
    });
  });

  test('a little later than a warning that was given does not repeat it, and much later it comes again', () => {
    const life = readyFor(73);
    expect(shown(life.ask({ command: 'extend', byMs: hour / 2 }))).toEqual(['window_changed']);
    expect(shown(life.poll(ready))).toEqual([]);
    life.ask({ command: 'extend', byMs: hour });
    expect(shown(life.pollFor(hour, ready))).toEqual(['cutover_deadline_near 48h']);
  });

  test('earlier does not repeat what was given, and reports at once the most urgent that is due, once', () => {
    const life = readyFor(72.5);
    expect(shown(life.ask({ command: 'extend', until: life.now + 30 * hour }))).toEqual(['window_changed']);
    const moved = life.ask({ command: 'extend', until: life.now + 5 * hour });
    expect(shown(moved)).toEqual(['cutover_deadline_near 6h', 'window_changed']);
    expect(moved[0]).toMatchObject({ alsoDue: ['24h'] });
    expect(shown(life.poll(ready, minute))).toEqual([]);
    expect(shown(later(life, 5))).toEqual(['cutover_deadline_passed']);
    expect(shown(later(life, 1))).not.toContain('cutover_deadline_passed');
  });

  test.each([
    { rule: 'at the estimated one', hours: 120 },
    { rule: 'after the estimated one', hours: 121 },
  ])('stated $rule begins the warnings again', ({ hours }) => {
    const life = readyFor(hours);
    expect(shown(life.ask({ command: 'extend', byMs: 24 * hour }))).toEqual([
      'cutover_deadline_near 24h',
      'window_changed',
    ]);
    expect(
      shown(
        life.pollFor(24 * hour + minute, ready).filter(({ event }) => event !== 'migration.cutover_reminder'),
      ),
    ).toEqual(['cutover_deadline_near 6h', 'cutover_deadline_near 1h', 'cutover_deadline_passed']);
  });

  test('that is stated again after another one is warned of again, under other ids', () => {
    const life = readyFor(119.5);
    const first = life.events.length;
    life.ask({ command: 'extend', byMs: 48 * hour });
    life.poll(ready, minute);
    const back = life.ask({ command: 'extend', until: start + 120 * hour });
    expect(shown(back)).toEqual(['cutover_deadline_near 1h', 'window_changed']);
    expect(new Set(life.events.map(({ eventId }) => eventId)).size).toBe(life.events.length - first);
  });

  test('lasts over a restart and a withdrawal that is soon over, and ends with the window', () => {
    const life = readyFor(24);
    life.ask({ command: 'extend', until: start + 200 * hour });
    life.restart();
    life.poll(copying);
    const [again] = life.poll(ready);
    expect(again).toMatchObject({ deadline: '2026-12-02T07:00:00.000Z', deadlineSource: 'operator' });
    life.poll(copying);
    life.poll(copying, 13 * hour);
    expect(life.poll(ready).find(({ event }) => event === 'migration.ready_for_cutover')).toMatchObject({
      deadlineSource: 'estimated',
    });
  });

  test('holds although the clock is set back, and what came too early comes again', () => {
    const life = readyFor(24);
    life.ask({ command: 'extend', until: start + 40 * hour });
    life.poll(ready, 11 * hour);
    expect(shown(life.events).at(-1)).toBe('cutover_deadline_near 6h');
    life.now -= 8 * hour;
    life.poll(ready);
    expect(shown(life.pollFor(8 * hour, ready))).toContain('cutover_deadline_near 6h');
    expect(shown(life.ask({ command: 'extend', byMs: hour }))).toEqual(['window_changed']);
  });
});

describe('of a command and the configuration', () => {
  test('the later word holds; a value counts when it is read first, and its removal ends only its own', () => {
    const life = readyFor(24);
    const [one, other] = [start + 150 * hour, start + 180 * hour];
    expect(shown(life.reload({ deadline: one }))).toEqual(['window_changed']);
    life.now += minute;
    expect(shown(life.ask({ command: 'extend', until: other }))).toEqual(['window_changed']);
    life.now += minute;
    expect(life.reload({ deadline: one })).toEqual([]);
    life.restart();
    expect(life.poll(ready)).toEqual([]);
    expect(life.state?.readiness?.stated).toMatchObject({ at: other, source: 'operator' });
    expect(life.reload({})).toEqual([]);
    expect(life.reload({ deadline: one + hour })[0]).toMatchObject({ source: 'configuration' });
    expect(life.reload({})[0]).toMatchObject({ event: 'migration.window_changed', source: 'estimated' });
  });

  test('a command given before the value was read is outdated', () => {
    const life = readyFor(24);
    life.reload({ deadline: start + 150 * hour });
    life.now += minute;
    const [refused] = life.ask({ command: 'extend', byMs: hour }, 2 * minute);
    expect(refused).toMatchObject({ event: 'watcher.request_refused', reason: 'outdated' });
  });

  test('a deadline of the configuration is that of the window from its first event on', () => {
    const life = new WordedLife();
    life.reload({ deadline: start + 99 * hour });
    life.poll(copying);
    const events = life.poll(ready);
    expect(shown(events)).toEqual(['ready_for_cutover']);
    expect(events[0]).toMatchObject({
      deadline: '2026-11-28T02:00:00.000Z',
      deadlineSource: 'configuration',
    });
  });

  test('a deadline of the configuration from before the window is refused, once', () => {
    const life = readyFor(1);
    const [refused] = life.reload({ deadline: start - hour });
    expect(refused).toMatchObject({ event: 'watcher.request_refused', command: 'configuration' });
    expect(refused?.msg).toMatch(
      /^orders is as before: its configuration was refused\. cutover\.deadline is 2026-/,
    );
    expect(life.poll(ready)).toEqual([]);
  });
});

describe('a request is refused', () => {
  test.each([
    { rule: 'that is a day old', wish: { command: 'ack' }, agoMs: 25 * hour, reason: 'outdated' },
    {
      rule: 'for a readiness that has ended since',
      wish: { command: 'extend', byMs: hour, readySince: start - hour },
      reason: 'outdated',
    },
    {
      rule: 'for a time that is over',
      wish: { command: 'extend', until: start + 23 * hour },
      reason: 'in_the_past',
    },
    { rule: 'for more than a year', wish: { command: 'plan', at: start + 9_000 * hour }, reason: 'too_far' },
    { rule: 'to end nothing', wish: { command: 'unack' }, reason: 'nothing_to_end' },
    { rule: 'to clear no plan', wish: { command: 'plan' }, reason: 'nothing_to_end' },
  ] as const)('$rule', ({ wish, reason, ...rest }) => {
    const life = readyFor(24);
    const before = life.state;
    const [refused, ...others] = life.ask(wish, 'agoMs' in rest ? rest.agoMs : 0);
    expect(refused).toMatchObject({ event: 'watcher.request_refused', reason });
    expect(others).toEqual([]);
    expect(life.state).toEqual(before);
  });

  test('while there is no window to extend and nothing to acknowledge', () => {
    const life = new WordedLife();
    life.poll(copying);
    for (const wish of [{ command: 'extend', byMs: hour }, { command: 'ack' }] as const)
      expect(life.ask(wish)[0]).toMatchObject({ reason: 'not_ready' });
  });

  test('once the migration has ended', () => {
    const life = readyFor(1);
    life.poll({ status: 'COMPLETE' });
    expect(life.ask({ command: 'ack' })[0]).toMatchObject({ reason: 'settled' });
    expect(life.ask({ command: 'plan', at: life.now + hour })[0]).toMatchObject({ reason: 'settled' });
  });
});

test('a request that is taken up again after a crash has the same event id', () => {
  const [one, other] = [readyFor(24), readyFor(24)];
  other.now += minute;
  const request = { command: 'extend', until: start + 200 * hour } as const;
  const [first] = one.ask(request);
  const [second] = other.ask(request, minute);
  expect(second?.eventId).toBe(first?.eventId);
});

describe('an acknowledgement', () => {
  test('silences the reminders, and its end brings back those to come only', () => {
    const life = readyFor(10);
    life.ask({ command: 'ack', until: start + 30 * hour });
    expect(shown(life.pollFor(20 * hour, ready))).toEqual(['acknowledgement_ended expired']);
    expect(shown(life.pollFor(5 * hour, ready))).toEqual([]);
    expect(shown(life.pollFor(2 * hour, ready))).toEqual(['cutover_reminder']);
  });

  test('is ended by the last warning, and not by those before', () => {
    const life = readyFor(71);
    life.ask({ command: 'ack' });
    expect(shown(life.pollFor(49 * hour, ready))).toEqual([
      'cutover_deadline_near 48h',
      'cutover_deadline_near 24h',
      'cutover_deadline_near 6h',
      'cutover_deadline_near 1h',
      'acknowledgement_ended warning',
      'cutover_deadline_passed',
    ]);
  });

  test.each([
    { rule: 'the readiness', outcome: copying, reason: 'readiness_ended' },
    { rule: 'the migration', outcome: { status: 'FAILED' }, reason: 'settled' },
  ])('ends with $rule', ({ outcome, reason }) => {
    const life = readyFor(24);
    life.ask({ command: 'ack' });
    expect(shown(life.poll(outcome))).toContain(`acknowledgement_ended ${reason}`);
  });

  test('of an outage ends with it, or with the next readiness', () => {
    for (const [outcome, reason] of [
      [copying, 'recovered'],
      [ready, 'ready'],
    ] as const) {
      const life = new WordedLife();
      life.poll(copying);
      life.poll('network');
      expect(shown(life.ask({ command: 'ack' }))).toEqual(['acknowledged']);
      expect(shown(life.poll('network'))).toEqual([]);
      expect(shown(life.poll(outcome))).toContain(`acknowledgement_ended ${reason}`);
    }
  });
});

describe('a plan', () => {
  test('rests the reminders until it is due, and is missed once its time is over', () => {
    const life = readyFor(10);
    life.ask({ command: 'plan', at: start + 40 * hour, durationMs: hour });
    expect(shown(life.pollFor(30 * hour, ready))).toEqual([]);
    expect(shown(life.pollFor(hour, ready))).toEqual(['plan_missed']);
    expect(shown(life.pollFor(8 * hour, ready))).toEqual(['cutover_reminder']);
  });

  test('that ends in time is not missed, and is gone', () => {
    const life = readyFor(10);
    life.ask({ command: 'plan', at: start + 12 * hour });
    expect(namesOf(life.poll({ status: 'COMPLETE' }, 20 * hour))).not.toContain('migration.plan_missed');
    expect(life.state?.operator?.plan).toBeUndefined();
  });

  test('behind the deadline is at risk at once, and on course when the deadline moves behind it', () => {
    const life = readyFor(10);
    const planned = life.ask({ command: 'plan', at: start + 130 * hour });
    expect(shown(planned)).toEqual(['cutover_planned', 'plan_at_risk deadline']);
    expect(shown(life.poll(ready))).toEqual([]);
    expect(shown(life.ask({ command: 'extend', byMs: 48 * hour }))).toEqual([
      'window_changed',
      'plan_on_course',
    ]);
  });

  test('is at risk when the readiness is withdrawn, once, until it is back', () => {
    const life = readyFor(10);
    life.ask({ command: 'plan', at: start + 40 * hour });
    expect(shown(life.poll(copying))).toEqual(['readiness_withdrawn', 'plan_at_risk withdrawn']);
    expect(shown(life.poll(copying))).toEqual([]);
    expect(shown(life.poll(ready))).toEqual(['ready_for_cutover', 'plan_on_course']);
  });

  test("is at risk while the migration can't be read", () => {
    const life = readyFor(10);
    life.ask({ command: 'plan', at: start + 40 * hour });
    life.pollFor(3 * minute, 'network');
    expect(shown(life.events).at(-1)).toBe('plan_at_risk unreachable');
    expect(shown(life.poll(ready))).toEqual(['plan_on_course']);
  });

  test('before the estimated readiness is at risk once the estimate has said so for twenty minutes', () => {
    const life = new WordedLife();
    let lag = 12 * 3600;
    const fall = (): readonly EventRecord[] => {
      lag -= 60;
      return life.poll({ ...copying, lagTimeSeconds: lag });
    };
    for (let n = 0; n < 30; n += 1) fall();
    life.ask({ command: 'plan', at: life.now + 4 * hour });
    const events = Array.from({ length: 30 }, fall).map(shown);
    expect(events.slice(0, 19).flat()).toEqual([]);
    expect(events.flat()).toEqual(['plan_at_risk estimate']);
  });

  test('in the night of a clock change is at the moment that its offset says', () => {
    for (const [text, utc] of [
      ['2026-10-25T02:30:00+02:00', '2026-10-25T00:30:00.000Z'],
      ['2026-10-25T02:30:00+01:00', '2026-10-25T01:30:00.000Z'],
      ['2026-10-25 02:30 UTC', '2026-10-25T02:30:00.000Z'],
    ] as const) {
      const reading = readMoment(text);
      expect(reading.ok && new Date(reading.moment).toISOString()).toBe(utc);
    }
    expect(readMoment('2026-10-25T02:30')).toMatchObject({ ok: false });
  });
});

describe('the lag of a ready migration', () => {
  const high = { ...ready, lagTimeSeconds: 2_400 };

  test('is reported after ten minutes above cutover.lagAtMost, and when it is normal again', () => {
    const life = readyFor(1);
    expect(shown(life.pollFor(10 * minute, high))).toEqual([]);
    expect(shown(life.pollFor(5 * minute, high))).toEqual(['cutover_lag_high']);
    life.restart();
    expect(shown(life.pollFor(5 * minute, high))).toEqual([]);
    expect(shown(life.pollFor(5 * minute, ready))).toEqual(['cutover_lag_normal']);
  });

  test('is not judged by a single sample, either way', () => {
    const life = readyFor(1);
    life.pollFor(5 * minute, ready);
    for (let n = 0; n < 20; n += 1) {
      life.pollFor(3 * minute, ready);
      life.poll(high);
    }
    expect(shown(life.events)).toEqual([]);
    life.pollFor(20 * minute, high);
    life.poll(ready);
    life.pollFor(5 * minute, high);
    expect(shown(life.events)).toEqual(['cutover_lag_high']);
  });

  test('says nothing once the cutover has begun', () => {
    const life = readyFor(1);
    life.pollFor(20 * minute, high);
    life.events.length = 0;
    const { lagTimeSeconds: _gone, ...withoutLag } = ready;
    life.pollFor(20 * minute, withoutLag);
    expect(shown(life.events)).toEqual(['cutover_started']);
  });
});
