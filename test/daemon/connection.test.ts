import { expect, onTestFinished, test } from 'vitest';
import { connectAtlas } from '../../src/daemon/connection.ts';
import { ID, never } from '../atlas/connect.ts';
import { startSimulator } from '../atlas/simulated-service-account.ts';

const ACCOUNT = { clientId: 'mdb_sa_id_12', clientSecret: 'mdb_sa_sk_s3cr3t' };

test('requests for access tokens are counted, but not against the budget of any project', async () => {
  const simulator = await startSimulator(ACCOUNT, Date.now);
  const ends: (number | undefined)[] = [];
  const spent: string[] = [];
  const connection = connectAtlas(
    {
      atlas: {
        baseUrl: simulator.baseUrl,
        apiVersion: 'v2',
        auth: { type: 'serviceAccount' },
        requestTimeout: 5_000,
        pollTimeout: 10_000,
        concurrency: 4,
        requestsPerMinute: 400,
      },
      retry: { attempts: 1, minDelay: 1, maxDelay: 1, maxRetryAfter: 1 },
    },
    { type: 'serviceAccount', ...ACCOUNT },
    'test',
    { onRequest: (groupId) => spent.push(groupId), onRequestEnd: (httpStatus) => ends.push(httpStatus) },
  );
  onTestFinished(() => connection.close());
  expect(await connection.client.readMigration(ID, never)).toMatchObject({ ok: true });
  expect(await connection.client.readMigration(ID, never)).toMatchObject({ ok: true });
  await connection.close();
  expect(simulator.tokenCounts).toMatchObject({ token: 1, revoke: 1 });
  expect(ends).toEqual([200, 200, 200, 200]);
  expect(spent).toEqual([ID.groupId, ID.groupId]);
});
