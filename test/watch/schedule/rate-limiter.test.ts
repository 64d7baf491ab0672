import { describe, expect, it } from 'vitest';
import { AtlasError } from '../../../src/atlas/atlas-error.ts';
import type { EventRecord } from '../../../src/events/event-record.ts';
import { RateLimiter } from '../../../src/watch/schedule/rate-limiter.ts';
import { errorOf, start } from '../sample-migrations.ts';

function limitsAt(clock: { ms: number }, former?: RateLimiter) {
  const events: EventRecord[] = [];
  const options = {
    requestsPerMinute: 60,
    maxRetryAfterMs: 300_000,
    emit: (event: EventRecord) => void events.push(event),
    clock: { now: () => start, monotonic: () => clock.ms },
  };
  const limits = new RateLimiter(options, former);
  return { limits, events };
}

function limited(retryAfterMs?: number): AtlasError {
  return new AtlasError({ kind: 'rate_limited', httpStatus: 429, detail: 'Too fast.', retryAfterMs });
}

function tokensLimited(retryAfterMs: number): AtlasError {
  return new AtlasError({ kind: 'rate_limited', detail: 'No token.', signingIn: true, retryAfterMs });
}

describe('the rate limits', () => {
  it('count the requests of each project apart', () => {
    const { limits } = limitsAt({ ms: 0 });
    for (let count = 0; count < 6; count += 1) limits.take('a');
    expect(limits.waitMs('a')).toBeGreaterThan(0);
    expect(limits.waitMs('b')).toBe(0);
  });

  it('count the further requests of a poll when it has ended', () => {
    const { limits } = limitsAt({ ms: 0 });
    limits.take('a');
    limits.observe('a', { requests: 6 });
    expect(limits.waitMs('a')).toBe(1_000);
  });

  it('keep to what Atlas says is left, less a reserve for others', () => {
    const { limits } = limitsAt({ ms: 0 });
    limits.observe('a', { requests: 1, requestsRemaining: 4 });
    // Six are kept in reserve: two are missing, and one for the next poll.
    expect(limits.waitMs('a')).toBe(3_000);
    limits.observe('b', { requests: 1, requestsRemaining: 1_000 });
    expect(limits.waitMs('b')).toBe(0);
  });

  it('take over pauses, used budgets and episodes from those of a former configuration', () => {
    const clock = { ms: 0 };
    const { limits: former } = limitsAt(clock);
    former.take('a', 6);
    former.attemptFailed('b', limited(20_000));
    const { limits, events } = limitsAt(clock, former);
    expect(limits.waitMs('a')).toBe(1_000);
    expect(limits.pausedUntil('b')).toBe(20_000);
    limits.attemptFailed('b', limited(20_000));
    expect(events).toEqual([]);
  });

  it('keep to a pause that Atlas asks a poll of a former configuration for', () => {
    const clock = { ms: 0 };
    const { limits: former, events: formerEvents } = limitsAt(clock);
    const { limits, events } = limitsAt(clock, former);
    former.attemptFailed('a', limited(20_000));
    former.observe('b', { requests: 7 });
    expect(limits.pausedUntil('a')).toBe(20_000);
    expect(limits.waitMs('b')).toBe(1_000);
    limits.attemptFailed('a', limited(20_000));
    expect([formerEvents.length, events.length]).toEqual([1, 0]);
  });

  it('report a refusal once an episode, which ends when a minute has passed without one', () => {
    const clock = { ms: 0 };
    const { limits, events } = limitsAt(clock);
    limits.attemptFailed('a', limited(1_500));
    limits.attemptFailed('b', limited());
    clock.ms = 61_000;
    limits.attemptFailed('a', limited());
    expect(
      events.map(({ event, groupId, retryAfterSeconds }) => [event, groupId, retryAfterSeconds]),
    ).toEqual([
      ['watcher.rate_limited', 'a', 2],
      ['watcher.rate_limited', 'b', undefined],
    ]);
    clock.ms = 120_999;
    limits.attemptFailed('a', limited());
    expect(events).toHaveLength(2);
    clock.ms = 180_999;
    limits.attemptFailed('a', limited());
    expect(events).toHaveLength(3);
  });

  it('make the project wait as long as Atlas asks, and only that project', () => {
    const clock = { ms: 0 };
    const { limits } = limitsAt(clock);
    limits.attemptFailed('a', limited(20_000));
    expect(limits.waitMs('a')).toBe(20_000);
    expect(limits.waitMs('b')).toBe(0);
    clock.ms = 20_000;
    expect(limits.waitMs('a')).toBe(0);
  });

  it('know a pause apart from a budget that is used up', () => {
    const clock = { ms: 0 };
    const { limits } = limitsAt(clock);
    for (let count = 0; count < 20; count += 1) limits.take('a');
    expect(limits.pauseMs('a')).toBe(0);
    limits.attemptFailed('a', limited(20_000));
    clock.ms = 5_000;
    expect(limits.pauseMs('a')).toBe(15_000);
    expect(limits.pauseMs('b')).toBe(0);
    clock.ms = 30_000;
    expect(limits.pauseMs('a')).toBe(0);
  });

  it('report a limit of access tokens once for all projects, and let each wait', () => {
    const clock = { ms: 0 };
    const { limits, events } = limitsAt(clock);
    for (const project of ['a', 'b', 'c']) limits.attemptFailed(project, tokensLimited(60_000));
    clock.ms = 55_000;
    limits.attemptFailed('d', tokensLimited(5_000));
    expect(['a', 'd'].map((project) => limits.waitMs(project))).toEqual([5_000, 5_000]);
    expect(events).toMatchObject([
      {
        event: 'watcher.rate_limited',
        retryAfterSeconds: 60,
        msg: 'Atlas limits the access tokens of the service account and asks for a pause of 1 min. Give this watcher a service account of its own if this happens again.',
      },
    ]);
    expect(events[0]).not.toHaveProperty('groupId');
    limits.attemptFailed('a', limited(20_000));
    expect(events.at(-1)).toMatchObject({ groupId: 'a' });
  });

  it('do not believe a pause beyond the longest one allowed', () => {
    const { limits } = limitsAt({ ms: 0 });
    limits.attemptFailed('a', limited(86_400_000));
    expect(limits.waitMs('a')).toBe(300_000);
  });

  it('keep a pause that a 503 asks for, and report it', () => {
    const { limits, events } = limitsAt({ ms: 0 });
    limits.attemptFailed(
      'a',
      new AtlasError({ kind: 'server_error', httpStatus: 503, detail: 'Busy.', retryAfterMs: 5_000 }),
    );
    limits.attemptFailed('b', errorOf('network'));
    expect(limits.waitMs('a')).toBe(5_000);
    expect(limits.waitMs('b')).toBe(0);
    expect(events).toMatchObject([{ event: 'watcher.rate_limited', groupId: 'a', retryAfterSeconds: 5 }]);
  });
});
