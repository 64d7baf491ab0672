import { expect, it } from 'vitest';
import { describeWithPostgres } from '../../postgres/databases.ts';
import { batchOf, day, eventOf, hour, keyOf, minute, recordedState, start } from '../sample-change.ts';

const tenMinutes = 10 * minute;

describeWithPostgres('the upkeep of a database', (databases) => {
  /** Resolves to a store with this many migrations, and to what runs statements beside it. */
  async function opened(migrations: number) {
    const url = await databases.server.emptyDatabase();
    const store = await databases.held(url);
    const states = Array.from({ length: migrations }, (_, n) => recordedState('NEW', keyOf(n)));
    await store.commit(batchOf({ states }));
    const run = (sql: string) => databases.server.run(sql, url);
    return {
      url,
      store,
      run,
      /** Gives each migration this many samples from `start` on. */
      fill: (samples: number, stepMs: number) =>
        run(
          `INSERT INTO cutover_watch.lag_sample SELECT id, ${start} + n * ${stepMs}, n
           FROM cutover_watch.migration, generate_series(0, ${samples - 1}) AS n`,
        ),
      rows: async (table: 'lag_sample' | 'event'): Promise<number> =>
        Number((await run(`SELECT count(*) FROM cutover_watch.${table}`))[0]?.count),
    };
  }

  it('thins ten minutes only when all of them are older than a day', async () => {
    const { store, fill } = await opened(1);
    await fill(20, minute);
    await store.maintain(start + day + 19 * minute);
    const [first, ...others] = await store.samples(keyOf(0), 0);
    expect(first).toEqual({ observedAt: start + 9 * minute, lagTimeSeconds: 9, lowest: 0, highest: 9 });
    expect(others).toHaveLength(10);
  });

  it('has a turn for each migration in an hour of calls', async () => {
    const { store, fill, rows } = await opened(60);
    await fill(3, minute);
    const maintainFor = async (calls: number): Promise<void> => {
      for (let call = 0; call < calls; call += 1) await store.maintain(start + day + tenMinutes);
    };
    await maintainFor(1_800);
    expect(Math.abs((await rows('lag_sample')) - (60 + 30 * 2))).toBeLessThan(4);
    await maintainFor(1_800);
    expect(Math.abs((await rows('lag_sample')) - 60)).toBeLessThan(4);
  });

  it('deletes a bounded number of old samples in one call, and comes to the end of it', async () => {
    const { store, fill, rows } = await opened(1);
    await fill(5_000, 1_000);
    await store.maintain(start + 31 * day);
    expect(await rows('lag_sample')).toBe(4_000);
    for (let call = 0; call < 5; call += 1) await store.maintain(start + 31 * day);
    expect(await rows('lag_sample')).toBe(0);
  });

  it('thins a bounded number of samples in one call, and comes to the end of it', async () => {
    const { store, fill, rows } = await opened(1);
    await fill(5_000, 1_000);
    await store.maintain(start + 2 * day);
    expect(await rows('lag_sample')).toBeGreaterThan(4_000);
    for (let call = 0; call < 6; call += 1) await store.maintain(start + 2 * day);
    expect(await rows('lag_sample')).toBe(9);
    const samples = await store.samples(keyOf(0), 0);
    expect(samples[0]).toMatchObject({ observedAt: start + 599_000, lowest: 0, highest: 599 });
    expect(samples.at(-1)).toMatchObject({ observedAt: start + 4_999_000, lowest: 4_800, highest: 4_999 });
  });

  it('goes on after a restart where it was', async () => {
    const { url, store, fill, rows } = await opened(1);
    await fill(60, minute);
    await store.maintain(start + day + 30 * minute);
    expect(await rows('lag_sample')).toBe(3 + 30);
    await store.lease.release();
    const next = await databases.held(url);
    await next.maintain(start + day + hour);
    expect(await rows('lag_sample')).toBe(6);
  });

  it('deletes the oldest events of a migration, its project and the account, and none that waits for a sink', async () => {
    const { store, run, rows } = await opened(1);
    const { groupId, liveMigrationId } = keyOf(0);
    const owners = [
      `'${groupId}', '${liveMigrationId}'`,
      `'${groupId}', NULL`,
      'NULL, NULL',
      `'other', NULL`,
    ];
    for (const [index, owner] of owners.entries())
      await run(
        `INSERT INTO cutover_watch.event (position, event_id, name, group_id, live_migration_id, record)
         SELECT n * 4 + ${index}, n, 'x', ${owner}, '' FROM generate_series(1, 5010) AS n`,
      );
    await run('UPDATE cutover_watch.watcher SET last_position = 20043');
    const cursors = ['stdout', 'pager'].map((sink) => ({ sink, position: 23 }));
    await store.commit(batchOf({ cursors }));
    await store.maintain(start);
    // Positions 4 to 23 are five of each; the other project has no migration here.
    expect(await rows('event')).toBe(4 * 5_010 - 3 * 5);
    await store.commit(batchOf({ cursors: cursors.map(({ sink }) => ({ sink, position: 20_000 })) }));
    for (let call = 0; call < 3_600; call += 1) await store.maintain(start);
    expect(await rows('event')).toBe(3 * 5_000 + 5_010);
    await store.commit(batchOf({ events: [eventOf('a', keyOf(0))] }));
    expect(await store.lastPosition()).toBe(20_044);
  });
});
