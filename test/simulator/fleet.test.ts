import { describe, expect, test } from 'vitest';
import { type DemoFleet, demoFleet, fleetScripts } from '../../src/simulator/fleet.ts';
import type { MigrationBody, MigrationScript } from '../../src/simulator/scripts.ts';

const START = Date.UTC(2026, 0, 1, 12);
const fleet = demoFleet();

function describeBody({ status, readyForCutover, migrationHosts }: MigrationBody): string {
  const hosts = Array.isArray(migrationHosts) ? migrationHosts.length : 0;
  return `${status}${readyForCutover === true ? ' ready' : ''} on ${hosts}`;
}

function seen(script: MigrationScript | undefined, nowMs: number): string {
  try {
    return describeBody(script?.(nowMs) ?? {});
  } catch {
    return 'an error';
  }
}

/** What a poll once a second sees of a migration, without what it sees again and again. */
function watch(played: DemoFleet, name: string, firstPollMs: number): readonly string[] {
  const migration = played.migrations.find((candidate) => candidate.name === name);
  const key = `${migration?.groupId}/${migration?.liveMigrationId}`;
  const script = fleetScripts(played.migrations, START).get(key);
  const all: string[] = [];
  for (let pollMs = firstPollMs; pollMs < played.durationMs; pollMs += 1000) {
    const body = seen(script, START + pollMs);
    if (body !== all.at(-1)) all.push(body);
  }
  return all;
}

describe('the demo fleet', () => {
  test.each([
    ['orders', ['NEW on 1', 'WORKING on 1', 'WORKING ready on 1', 'COMPLETE on 1']],
    ['customers', ['NEW on 1', 'WORKING on 1', 'WORKING on 2', 'WORKING ready on 2', 'COMPLETE on 2']],
    ['billing', ['NEW on 1', 'WORKING on 1', 'FAILED on 1']],
    ['sessions', ['NEW on 1', 'WORKING on 1', 'WORKING ready on 1', 'EXPIRED on 1']],
    [
      'search-index',
      [
        'PENDING on 1',
        'NEW on 1',
        'WORKING on 1',
        'an error',
        'WORKING on 1',
        'WORKING ready on 1',
        'COMPLETE on 1',
      ],
    ],
    [
      'audit-log',
      [
        'NEW on 1',
        'WORKING on 1',
        'WORKING ready on 1',
        'WORKING on 1',
        'WORKING ready on 1',
        'COMPLETE on 1',
      ],
    ],
  ])('shows every step of %s to a poll once a second', (name, expected) => {
    for (const firstPollMs of [0, 250, 500, 999]) {
      expect(watch(fleet, name, firstPollMs)).toEqual(expected);
    }
  });

  test('is over within 40 seconds, and two seconds after its last step', () => {
    const lastStepMs = Math.max(...fleet.migrations.flatMap(({ steps }) => steps.map(({ atMs }) => atMs)));
    expect(fleet.durationMs).toBeLessThanOrEqual(40_000);
    expect(fleet.durationMs - lastStepMs).toBe(2000);
  });

  test('keeps every step at least two seconds long', () => {
    const lengths = fleet.migrations.flatMap(({ steps }) =>
      steps.slice(1).map(({ atMs }, index) => atMs - (steps[index]?.atMs ?? 0)),
    );
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(2000);
  });

  test('never lets two migrations change at the same moment after the start', () => {
    const changes = fleet.migrations.flatMap(({ steps }) => steps.slice(1).map(({ atMs }) => atMs));
    expect(new Set(changes).size).toBe(changes.length);
  });

  test('says how long the expiring migration is ready', () => {
    const steps = fleet.migrations.find(({ name }) => name === 'sessions')?.steps ?? [];
    const readyAt = steps.find(({ body }) => body?.readyForCutover === true)?.atMs ?? Number.NaN;
    const expiredAt = steps.find(({ body }) => body?.status === 'EXPIRED')?.atMs ?? Number.NaN;
    expect(fleet.readyToExpiredMs).toBe(expiredAt - readyAt);
  });

  test('leaves no other migration ready for as long as that', () => {
    const others = fleet.migrations.filter(({ name }) => name !== 'sessions');
    const readyFor = others.flatMap(({ steps }) =>
      steps.map(({ atMs, body }, index) =>
        body?.readyForCutover === true ? (steps[index + 1]?.atMs ?? Number.POSITIVE_INFINITY) - atMs : 0,
      ),
    );
    expect(Math.max(...readyFor)).toBeLessThan(fleet.readyToExpiredMs / 2);
  });

  test('gives lag to working migrations only, falling towards readiness', () => {
    const orders = fleet.migrations[0];
    const script = fleetScripts(fleet.migrations, START).get(`${orders?.groupId}/${orders?.liveMigrationId}`);
    const lags = [1, 2, 5.5, 9, 14.9, 15].map((seconds) => script?.(START + seconds * 1000)?.lagTimeSeconds);
    expect(lags).toEqual([undefined, 1800, expect.any(Number), 20, 3, undefined]);
    expect(lags[2]).toBeGreaterThan(500);
    expect(lags[2]).toBeLessThan(800);
  });

  test('uses ids Atlas would accept, each once', () => {
    const ids = fleet.migrations.map(({ liveMigrationId }) => liveMigrationId);
    expect(new Set(ids).size).toBe(6);
    expect([...ids, ...fleet.migrations.map(({ groupId }) => groupId)].join(' ')).toMatch(
      /^(?:[a-f0-9]{24} ?){12}$/,
    );
  });

  test('runs faster by the speed it is given', () => {
    const fast = demoFleet(4);
    expect(fast.durationMs).toBe(fleet.durationMs / 4);
    expect(fast.readyToExpiredMs).toBe(fleet.readyToExpiredMs / 4);
    expect(fast.migrations[0]?.steps[1]?.atMs).toBe(500);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a speed of %s', (speed) => {
    expect(() => demoFleet(speed)).toThrow(
      new RangeError(`The speed must be a number above 0, not ${speed}.`),
    );
  });
});
