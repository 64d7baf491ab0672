import { describe, expect, test } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import { hour, minute, start } from './sample-migrations.ts';
import { copying, ready, readyFor, shown, WordedLife } from './worded-life.ts';

function later(life: WordedLife, hours: number): readonly EventRecord[] {
  return life.poll(ready, hours * hour);
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
    { rule: 'a deadline that is no date', wish: { command: 'extend', byMs: 1e300 } },
    { rule: 'an endless plan', wish: { command: 'plan', at: start + 30 * hour, durationMs: 1e300 } },
  ] as const)('from whose length of time $rule follows', ({ wish }) => {
    const life = readyFor(24);
    expect(life.ask(wish)).toMatchObject([{ event: 'watcher.request_refused', reason: 'too_far' }]);
    expect(shown(life.poll(ready))).toEqual([]);
  });

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

  test('that was given before the migration became ready', () => {
    expect(readyFor(0.5).ask({ command: 'ack' }, hour)).toMatchObject([{ reason: 'outdated' }]);
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

test('a comment keeps its 500 characters, also those that take two places each', () => {
  const comment = '\u{1F600}'.repeat(500);
  expect(readyFor(24).ask({ command: 'ack', comment })).toMatchObject([{ comment }]);
});

test('an acknowledgement from before the clock was set back is about no outage to come', () => {
  const life = readyFor(24);
  life.ask({ command: 'ack' }, -2 * hour);
  expect(life.state?.operator?.acknowledged?.statedAt).toBe(life.now);
});
