import type { HttpReply } from '../../../src/atlas/transport.ts';
import type { Emit } from '../../../src/events/emitter.ts';
import type { MigrationBody } from '../../../src/simulator/scripts.ts';
import type { Target } from '../../../src/watch/migration/target.ts';
import { hour, minute } from '../../watch/sample-migrations.ts';
import { scriptedWatching } from './scripted-watching.ts';

/** The first four are in one project, the last one is in another. */
const [orders, billing, customers, sessions, search] = (
  ['orders', 'billing', 'customers', 'sessions', 'search-index'] as const
).map(
  (name, index): Target => ({
    name,
    groupId: index < 4 ? '5f7f5f5f5f5f5f5f5f5f5f5f' : '6a8a6a6a6a6a6a6a6a6a6a6a',
    liveMigrationId: `7e68e12770616e75e6df43d${index}`,
    labels: { team: 'payments' },
  }),
) as [Target, Target, Target, Target, Target];

const fleet = [orders, billing, customers, sessions, search];
const hosts = ['vm001.example.com'];

function body(content: MigrationBody, headers: HttpReply['headers'] = {}): HttpReply {
  return { status: 200, headers, body: JSON.stringify(content) };
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

const notOnAccessList = refusal(
  403,
  'IP_ADDRESS_NOT_ON_ACCESS_LIST',
  'IP address 203.0.113.7 is not allowed to access this resource.',
);
const keyRefused = refusal(401, 'USER_UNAUTHORIZED', 'You are not authorized for this resource.');

/** Five migrations, to their ends, with everything on the way that is worth an event. On the fake clock of the test. */
export async function playFleet(emit: Emit): Promise<void> {
  const { begin, end, say, ask, now, watch, skip, disk } = await scriptedWatching(fleet, emit);
  for (const target of [orders, billing, customers, sessions])
    say(target, body({ status: 'NEW', readyForCutover: false }));
  say(search, body({ status: 'PENDING', readyForCutover: false }));
  const ended = begin();
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

  say(sessions, refusal(500, 'UNEXPECTED_ERROR', 'Unexpected error.'));
  await watch(3);
  say(sessions, working(600));
  await watch();
  for (const target of [orders, billing, customers, sessions]) say(target, notOnAccessList);
  await watch(3);
  say(orders, working(1_500));
  say(billing, working(6_600));
  say(customers, working(3_600));
  say(sessions, working(600));
  await watch();
  for (const target of fleet) say(target, keyRefused);
  await watch(3);
  say(orders, working(1_200));
  say(billing, working(6_000));
  say(customers, working(3_200));
  say(sessions, working(600));
  say(search, working(1_800));
  await watch(2);
  say(search, refusal(429, 'RATE_LIMITED', 'Too many requests.', { 'retry-after': '30' }));
  await watch();
  say(search, working(1_200));
  await watch();
  say(billing, 'silence');
  await watch(3);
  say(billing, body({ status: 'WORKING' }, { sunset: 'Sat, 31 Jul 2027 23:59:59 GMT' }));
  await watch(2);
  disk.full = true;
  await watch(3);
  disk.full = false;
  await watch();

  say(orders, working(12, true));
  await watch(5);
  ask(orders, { command: 'unack' });
  ask(orders, { command: 'extend', byMs: hour, comment: 'Extended in the console.' });
  ask(orders, { command: 'plan', at: now() + 4 * minute, durationMs: minute });
  ask(orders, { command: 'ack', until: now() + 5 * minute, comment: 'I am on it.' });
  await watch();
  say(orders, working(70));
  await watch();
  say(orders, working(8, true));
  say(customers, working(20, true));
  await watch(6);
  say(orders, working(2_400, true));
  await watch(14);
  say(orders, working(8, true));
  await watch(3);
  say(customers, body({ status: 'WORKING', readyForCutover: true, migrationHosts: hosts }));
  await watch(2);
  say(customers, body({ status: 'COMPLETE' }));
  say(search, body({ status: 'COMPLETE' }));
  say(billing, body({ status: 'FAILED' }));
  say(sessions, refusal(404, 'RESOURCE_NOT_FOUND', `Cannot find resource ${sessions.liveMigrationId}.`));
  await watch(12);
  await skip(121);
  say(orders, body({ status: 'EXPIRED' }));
  await watch();
  await Promise.all([end(), ended]);
}
