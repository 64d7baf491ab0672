import { describe, expect, it } from 'vitest';
import { type HeadlineFacts, type HeadlineMigration, headline, utcTimes } from '../../src/watch/headline.ts';

const [minute, hour] = [60_000, 3_600_000];
const now = Date.UTC(2026, 10, 28, 16, 0, 0);
const iso = (moment: number): string => new Date(moment).toISOString();

function migration(change: Partial<HeadlineMigration> = {}): HeadlineMigration {
  return { name: 'orders', reachable: true, observedAt: iso(now - 12_000), intervalSeconds: 30, ...change };
}

function says(migrations: readonly HeadlineMigration[], facts: Omit<HeadlineFacts, 'migrations'> = {}) {
  const { text, tone } = headline({ migrations, ...facts }, now, utcTimes(now));
  return `${tone}: ${text}`;
}

const ready = (name: string, leftMs: number): HeadlineMigration =>
  migration({ name, readyForCutover: true, deadline: iso(now + leftMs) });
const never = migration({ observedAt: undefined });
const failed = migration({ name: 'billing', settlement: 'FAILED' });
const failing = (errorType: string, observedAt?: string): HeadlineMigration =>
  migration({ errorType, reachable: false, observedAt });

describe('the headline', () => {
  it('says first what to cut over, and until when, the nearest deadline first', () => {
    expect(says([migration(), ready('users', 30 * hour), ready('orders', 4 * hour + 23 * minute)])).toBe(
      'ready: Cut over orders within 4 h 23 min, and 1 more. All read within the last 30 s.',
    );
  });

  it('says that a window has ended before all else, and does not hide the next deadline', () => {
    expect(says([ready('users', 3 * hour), ready('orders', -5 * hour)])).toBe(
      'alarm: Overdue: orders, by 5 h. Cut over users within 3 h. All read within the last 30 s.',
    );
  });

  it('says that nothing is ready only where everything was read within three intervals', () => {
    expect(says([migration(), migration({ observedAt: iso(now - 90_000) })])).toBe(
      'calm: Nothing is ready for cutover. All read within the last 1 min 30 s.',
    );
    expect(says([migration(), migration({ observedAt: iso(now - 91_000) })])).toBe(
      'calm: 1 not read lately.',
    );
    expect(says([migration(), never])).toBe('calm: 1 not read yet.');
    expect(says([migration(), migration({ reachable: false })])).toBe("warning: 1 can't be read.");
  });

  it('of a standby says first for whom it stands by, without the process id', () => {
    expect(says([migration()], { standby: { holder: 'db-2 (pid 4)' } })).toBe(
      'calm: Standing by for db-2. Nothing is ready for cutover. All read within the last 30 s.',
    );
    expect(says([ready('orders', 4 * hour)], { standby: {} })).toBe(
      'ready: Standing by: no watcher is active. Cut over orders within 4 h. All read within the last 30 s.',
    );
    expect(says([], { standby: {}, notWatchingSince: now - hour })).toBe(
      'alarm: Not watching since 15:00 UTC.',
    );
  });

  it('says for when the cutover of the most urgent one is planned, as long as that lies ahead', () => {
    const plannedFor = (ms: number) => ({ ...ready('orders', 4 * hour), plannedAt: iso(now + ms) });
    expect(says([plannedFor(2 * hour), ready('users', 30 * hour)])).toBe(
      'ready: Cut over orders within 4 h (planned for 18:00 UTC), and 1 more. All read within the last 30 s.',
    );
    expect(says([plannedFor(-hour)])).toBe(
      'ready: Cut over orders within 4 h. All read within the last 30 s.',
    );
  });

  it('counts plans that are at risk or missed, and not those of what has ended', () => {
    const atRisk = migration({ plannedAt: iso(now + hour), planRisks: ['estimate', 'stalled'] });
    const missed = migration({ plannedAt: iso(now - 3 * hour), planMissed: true });
    expect(says([atRisk])).toBe(
      'warning: Nothing is ready for cutover. 1 plan at risk. All read within the last 30 s.',
    );
    expect(says([atRisk, missed, atRisk, { ...atRisk, settlement: 'FAILED' }])).toBe(
      'warning: Nothing is ready for cutover. 1 failed, 2 plans at risk, 1 plan missed. All read within the last 30 s.',
    );
  });

  it('counts what needs a look', () => {
    const stalled = migration({ stalledForSeconds: 1_800 });
    expect(says([ready('users', hour), failed, stalled, failed])).toBe(
      'ready: Cut over users within 1 h. 1 stalled, 2 failed. All read within the last 30 s.',
    );
    expect(says([migration(), migration({ settlement: 'DISAPPEARED' })])).toBe(
      'warning: Nothing is ready for cutover. 1 no longer in Atlas. All read within the last 30 s.',
    );
  });

  it('says that credentials are refused, and that nothing is known where nothing was read', () => {
    const unread = failing('unauthorized');
    expect(says([unread, unread])).toBe(
      'alarm: Atlas refuses the API key: none of 2 migrations could be read.',
    );
    const before = failing('unauthorized', iso(now - hour));
    expect(says([before, before], { credential: 'serviceAccount' })).toBe(
      'alarm: Atlas refuses the service account: nothing has been read since 15:00 UTC.',
    );
  });

  it('says at the first failed poll of a first run that nothing could be read, and why', () => {
    expect(says([{ ...failing('network'), reachable: true }])).toBe(
      "alarm: Atlas can't be read (network error): orders could not be read.",
    );
  });

  it('says nothing of a single failed poll of what was read before', () => {
    expect(says([migration({ errorType: 'network' })])).toBe(
      'calm: Nothing is ready for cutover. All read within the last 30 s.',
    );
  });

  it('says in an outage what was ready before', () => {
    const readAt = iso(now - 3 * hour);
    expect(says([{ ...ready('orders', hour), ...failing('network', readAt), name: 'orders' }])).toBe(
      'alarm: Cut over orders within 1 h. Atlas has not been read since 13:00 UTC (network error).',
    );
    expect(says([failing('network', iso(now - 26 * hour))])).toBe(
      'alarm: Atlas has not been read since Fri 27 Nov 14:00 UTC (network error).',
    );
  });

  it('counts those that cannot be read where others can', () => {
    expect(says([failing('forbidden'), migration()])).toBe("warning: 1 can't be read.");
  });

  it('says nothing else while nobody watches', () => {
    expect(says([ready('orders', hour)], { notWatchingSince: now - 2 * hour })).toBe(
      'alarm: Not watching since 14:00 UTC.',
    );
  });

  it('says how everything ended', () => {
    const complete = migration({ settlement: 'COMPLETE' });
    expect(says([complete, complete])).toBe('done: All 2 migrations are complete.');
    expect(says([complete, failed])).toBe('warning: All 2 migrations have ended. 1 failed.');
    expect(says([complete])).toBe('done: orders has ended: complete.');
    expect(says([])).toBe('calm: No migration is watched.');
  });

  it('changes every half minute at most while nothing happens', () => {
    const facts = { migrations: [migration({ observedAt: iso(now) })] };
    const texts = [0, 7_000, 19_000, 29_999].map((ms) => headline(facts, now + ms, utcTimes(now)).text);
    expect(new Set(texts).size).toBe(1);
  });
});
