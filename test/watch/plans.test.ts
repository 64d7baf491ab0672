import { describe, expect, test } from 'vitest';
import { readMoment } from '../../src/config/moment.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { hour, minute, namesOf, start } from './sample-migrations.ts';
import { copying, ready, readyFor, shown, WordedLife } from './worded-life.ts';

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
