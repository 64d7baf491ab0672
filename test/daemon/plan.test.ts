import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { planOf, planWarnings, policyOf } from '../../src/daemon/plan.ts';

const groupId = '5f7f5f5f5f5f5f5f5f5f5f5f';
const hour = 3_600_000;
const id = (n: number) => n.toString(16).padStart(24, '0');

async function configOf(shared: object, ...own: readonly object[]): Promise<Config> {
  const migrations = own.map((each, n) => ({ groupId, liveMigrationId: id(n), ...each }));
  const text = JSON.stringify({ ...shared, migrations });
  const result = await loadConfig({ file: 'w', env: { HOME: '/h' }, readFile: () => Promise.resolve(text) });
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config;
}

async function problemsOf(...given: Parameters<typeof configOf>): Promise<string> {
  return configOf(...given).then(
    () => '',
    (error: unknown) => String(error),
  );
}

const seconds = fc.integer({ min: 1, max: 1_000 }).map((count) => `${count}s`);
const cronSeconds = fc.integer({ min: 1, max: 59 }).map((second) => `${second} * * * * *`);
const cutover = fc.record(
  { window: fc.constantFrom('2h', '24h', '120h'), remindEvery: seconds, warnBefore: fc.array(seconds) },
  { requiredKeys: [] },
);
const schedule = fc.record(
  { default: cronSeconds, approaching: fc.constant('*/5 * * * * *'), approachingLag: seconds },
  { requiredKeys: [] },
);
const watch = fc.record({ stallAfter: seconds, unreachableAfter: seconds }, { requiredKeys: [] });
const settings = fc.record({ cutover, schedule, watch }, { requiredKeys: [] });

describe('the policy of a migration', () => {
  test('is that of a configuration where its own settings are those of all', async () => {
    await fc.assert(
      fc.asyncProperty(settings, settings, async (shared, own) => {
        const sections = ['cutover', 'schedule', 'watch'] as const;
        const merged = Object.fromEntries(sections.map((key) => [key, { ...shared[key], ...own[key] }]));
        const overridden = await configOf(shared, own, {});
        const [first, second] = overridden.migrations;
        const asForAll = await configOf(merged, {});
        const windowAlone = own.cutover?.window !== undefined && own.cutover.warnBefore === undefined;
        const expected = policyOf(asForAll, {});
        const policy = policyOf(overridden, first ?? {});
        // A window of its own may be shorter than what is set for all.
        fc.pre(!windowAlone || shared.cutover?.warnBefore === undefined);
        expect(policy).toEqual(expected);
        expect(policyOf(overridden, second ?? {})).toEqual(policyOf(await configOf(shared, {}), {}));
        const { schedules } = planOf(overridden).planFor(first ?? {});
        const usual = planOf(asForAll).planFor({}).schedules;
        const now = Date.UTC(2026, 10, 29);
        for (const cadence of ['default', 'approaching'] as const)
          expect(schedules[cadence].next(now)).toBe(usual[cadence].next(now));
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    { shared: {}, window: '24h', hours: [6, 1] },
    { shared: { window: '2h' }, window: '120h', hours: [48, 24, 6, 1] },
    { shared: { warnBefore: ['30h', '2h'] }, window: '24h', hours: [2] },
    { shared: { warnBefore: [] }, window: '24h', hours: [] },
  ])(
    'has the warnings that fit in a window of its own: $shared, $window',
    async ({ shared, window, hours }) => {
      const config = await configOf({ cutover: shared }, { cutover: { window } });
      expect(policyOf(config, config.migrations[0] ?? {}).warnBeforeMs).toEqual(
        hours.map((count) => count * hour),
      );
    },
  );

  test('is refused where it would have no warning, or one before its window begins', async () => {
    expect(await problemsOf({ cutover: { warnBefore: ['30h'] } }, { cutover: { window: '24h' } })).toContain(
      'migrations[0].cutover.window leaves no warning, as all of cutover.warnBefore are not shorter than 24h; add warnBefore for this migration.',
    );
    expect(
      await problemsOf({ cutover: { window: '24h' } }, { cutover: { warnBefore: ['48h', '1h'] } }),
    ).toContain(
      'migrations[0].cutover.warnBefore has 48h, not shorter than the window of this migration, 24h; write a shorter duration.',
    );
  });

  test('has neither a time zone nor a heartbeat of its own', async () => {
    expect(await problemsOf({}, { schedule: { timezone: 'UTC' } })).toContain(
      'migrations[0].schedule.timezone is not a known key here. It belongs under schedule (schedule.timezone).',
    );
    expect(await problemsOf({}, { watch: { heartbeat: '1m' } })).toContain('watch.heartbeat');
    expect(await problemsOf({}, { cutover: '24h' })).toContain(
      'migrations[0].cutover is "24h"; write keys of',
    );
  });
});

test('equal schedules are one, and so are the plans of migrations without settings of their own', async () => {
  const own = { schedule: { default: '7 * * * * *' } };
  const config = await configOf({}, own, own, { watch: { stallAfter: '2h' } }, {}, {});
  const { planFor } = planOf(config);
  const [first, second, third, fourth, fifth] = config.migrations.map(planFor);
  expect(first?.schedules.default).toBe(second?.schedules.default);
  expect(third?.schedules).toMatchObject({ default: fourth?.schedules.default });
  expect(fourth).toBe(fifth);
  expect(planFor(config.migrations[0] ?? {})).toBe(first);
});

test('the budget of a project counts each migration by its own schedule', async () => {
  const slow = { schedule: { default: '0 * * * * *', approaching: '0 * * * * *' } };
  const migrations = (usual: number, slower: number) => [
    ...Array.from({ length: usual }, () => ({})),
    ...Array.from({ length: slower }, () => slow),
  ];
  const atlas = { requestsPerMinute: 100 };
  expect(planWarnings(await configOf({ atlas }, ...migrations(0, 100)))).toEqual([]);
  expect(planWarnings(await configOf({ atlas }, ...migrations(40, 60)))).toEqual([
    `Project ${groupId} has 100 migrations, and polling them, each by its own schedule, takes 140 requests a minute, more than atlas.requestsPerMinute (100): each will be polled about 1.4 times less often instead. Make schedule.default slower, or raise the budget if Atlas grants you more.`,
  ]);
});
