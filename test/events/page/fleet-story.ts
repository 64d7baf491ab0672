import { vi } from 'vitest';
import type { HttpReply } from '../../../src/atlas/http-reply.ts';
import type { Emit } from '../../../src/events/emitter.ts';
import type { MigrationBody } from '../../../src/simulator/scripts.ts';
import type { Target } from '../../../src/watch/migration/target.ts';
import { hour } from '../../watch/sample-migrations.ts';
import { scriptedWatching } from './scripted-watching.ts';

const groupId = '5f7f5f5f5f5f5f5f5f5f5f5f';
const [orders, billing, customers, sessions, search] = (
  ['orders', 'billing', 'customers', 'sessions', 'search-index'] as const
).map(
  (name, index): Target => ({
    name,
    groupId,
    liveMigrationId: `7e68e12770616e75e6df43d${index}`,
    labels: { team: 'payments' },
  }),
) as [Target, Target, Target, Target, Target];

const hosts = ['vm001.example.com'];

function body(said: MigrationBody, headers: HttpReply['headers'] = {}): HttpReply {
  return { status: 200, headers, body: JSON.stringify(said) };
}

function refusal(
  status: number,
  errorCode: string,
  detail: string,
  headers: HttpReply['headers'] = {},
): HttpReply {
  return { status, headers, body: JSON.stringify({ error: status, errorCode, detail }) };
}

function working(lagTimeSeconds: number, readyForCutover = false, migrationHosts = hosts): HttpReply {
  return body({ status: 'WORKING', readyForCutover, lagTimeSeconds, migrationHosts });
}

/** Five migrations, to their ends, with everything on the way that is worth an event. On the fake clock of the test. */
export async function playFleet(emit: Emit): Promise<void> {
  const { say, watch, watcher, disk } = scriptedWatching(
    [orders, billing, customers, sessions, search],
    emit,
  );
  for (const target of [orders, billing, customers, sessions])
    say(target, body({ status: 'NEW', readyForCutover: false }));
  say(search, body({ status: 'PENDING', readyForCutover: false }));
  await watch();
  say(orders, working(1_800));
  say(billing, working(7_200));
  say(customers, working(5_400));
  say(sessions, working(900));
  say(search, working(3_600));
  await watch(33);
  for (let lag = 5_300; lag > 4_000; lag -= 100) {
    say(customers, working(lag));
    await watch();
  }
  say(customers, working(4_000, false, ['vm001.example.com', 'vm007.example.com']));
  await watch();

  say(
    sessions,
    refusal(
      403,
      'IP_ADDRESS_NOT_ON_ACCESS_LIST',
      'IP address 203.0.113.7 is not allowed to access this resource.',
    ),
  );
  await watch(3);
  watcher.beat();
  say(sessions, working(600));
  await watch();
  say(search, refusal(429, 'RATE_LIMITED', 'Too many requests.', { 'retry-after': '30' }));
  await watch();
  say(search, working(1_200));
  await watch();
  say(billing, 'silence');
  await watch(3);
  say(billing, body({ status: 'WORKING' }, { sunset: 'Sat, 31 Jul 2027 23:59:59 GMT' }));
  await watch();
  disk.full = true;
  await watch(3);
  disk.full = false;
  await watch();

  say(orders, working(12, true));
  await watch(5);
  say(orders, working(70));
  await watch();
  say(orders, working(8, true));
  say(customers, working(20, true));
  await watch();
  say(customers, body({ status: 'COMPLETE' }));
  say(search, body({ status: 'COMPLETE' }));
  say(billing, body({ status: 'FAILED' }));
  say(sessions, refusal(404, 'RESOURCE_NOT_FOUND', `Cannot find resource ${sessions.liveMigrationId}.`));
  await watch(2);
  for (let hours = 0; hours < 121; hours += 1) {
    await vi.advanceTimersByTimeAsync(hour - 60_000);
    await watch();
  }
  say(orders, body({ status: 'EXPIRED' }));
  await watch();
}
