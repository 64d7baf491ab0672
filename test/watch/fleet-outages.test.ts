import { describe, expect, test } from 'vitest';
import { Fleet } from './harness.ts';
import { minute, type Outcome, targetOf } from './sample-migrations.ts';

const read: Outcome = { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 5_000 };
const many = Array.from({ length: 20 }, (_, number) => targetOf(number));
const [m0, m1, m2] = many.slice(0, 3) as [(typeof many)[0], (typeof many)[0], (typeof many)[0]];
const three = [m0, m1, m2];

/** A fleet that was read once. */
async function fleetOf(targets: typeof many): Promise<Fleet> {
  const fleet = new Fleet(targets);
  fleet.say(read);
  await fleet.rounds();
  return fleet;
}

/** The same, and then told to be out of reach. */
async function downFleet(): Promise<Fleet> {
  const fleet = await fleetOf(three);
  fleet.say('network');
  await fleet.rounds(5);
  expect(fleet.told()).toEqual(['down m0 (3)']);
  return fleet;
}

describe('an outage of all is one outage', () => {
  test.each<[string, (number: number) => Outcome]>([
    ['a page of something between', () => 'bad_reply'],
    ['a key that is refused', () => 'unauthorized'],
    ['errors of the server and of the network', (number) => (number % 2 === 0 ? 'network' : 'server_error')],
  ])('with %s', async (_, outcomeOf) => {
    const fleet = await fleetOf(many);
    for (const [number, target] of many.entries()) fleet.say(outcomeOf(number), [target]);
    await fleet.rounds(8);
    fleet.say(read);
    await fleet.rounds(3);
    expect(fleet.told()).toEqual(['down m0 (20)', 'up m0 (20)']);
  });

  test('of all but one that is not found, and was told to be', async () => {
    const fleet = new Fleet(many);
    fleet.say(read);
    fleet.say('not_found', [m0]);
    await fleet.rounds(4);
    fleet.say('network', many.slice(1));
    await fleet.rounds(4);
    expect(fleet.told()).toEqual(['down m0', 'down m1 (19)']);
  });

  test.each([1, 2])('after a restart, when it was not told before, of %i failed polls', async (polls) => {
    const fleet = await fleetOf(many);
    fleet.say('network');
    await fleet.rounds(polls);
    fleet.pause(10 * minute);
    await fleet.restart();
    await fleet.rounds(4);
    expect(fleet.told()).toEqual(['down m0 (20)']);
  });
});

describe('the end of an outage of all is told, though the one that told it', () => {
  test('is gone', async () => {
    const fleet = await downFleet();
    fleet.say(read);
    fleet.say('not_found', [m0]);
    await fleet.rounds(4);
    expect(fleet.told()).toEqual(['down m0 (3)', 'up m0 (3)']);
    expect(fleet.events.filter(({ event }) => event === 'migration.disappeared')).toHaveLength(1);
  });

  test('still fails, which is told afterwards', async () => {
    const fleet = await downFleet();
    fleet.say(read, [m1, m2]);
    await fleet.rounds(4);
    expect(fleet.told()).toEqual(['down m0 (3)', 'up m0 (3)', 'down m0']);
    expect(fleet.events.filter(({ duringOutage }) => duringOutage === false)).toHaveLength(9);
    fleet.say(read);
    await fleet.rounds();
    expect(fleet.told().at(-1)).toBe('up m0');
  });

  test('was taken out of the configuration: another one tells it', async () => {
    const fleet = await downFleet();
    fleet.reload([m1, m2]);
    await fleet.rounds(2);
    fleet.reload(three);
    await fleet.rounds(2);
    fleet.say(read);
    await fleet.rounds(2);
    expect(fleet.told()).toEqual(['down m0 (3)', 'up m1 (2)']);
  });

  test('was taken out while the watcher was not running', async () => {
    const fleet = await downFleet();
    await fleet.restart([m1, m2]);
    fleet.say(read);
    await fleet.rounds(2);
    expect(fleet.told()).toEqual(['down m0 (3)', 'up m1 (2)']);
  });
});

test('one that was taken out while it shared an outage does not tell the end of it when it is back', async () => {
  const fleet = await downFleet();
  fleet.reload([m0, m1]);
  fleet.say(read);
  await fleet.rounds(2);
  await fleet.restart(three);
  fleet.say(read);
  await fleet.rounds(2);
  expect(fleet.told()).toEqual(['down m0 (3)', 'up m0 (3)']);
});

test('one that was told by another is not told again when that one recovers and it does not', async () => {
  const fleet = await downFleet();
  fleet.say(read, [m0]);
  await fleet.rounds(3);
  await fleet.restart();
  await fleet.rounds(3);
  fleet.say(read);
  await fleet.rounds();
  expect(fleet.told()).toEqual(['down m0 (3)', 'up m0 (3)', 'down m1', 'down m2', 'up m1', 'up m2']);
});

/** Two, the first of which has disappeared. */
async function goneFleet(): Promise<Fleet> {
  const fleet = await fleetOf([m0, m1]);
  fleet.say('not_found', [m0]);
  await fleet.rounds(5);
  expect(fleet.asked.get('m0')).toBe(3);
  fleet.events.length = 0;
  return fleet;
}

describe('what disappeared', () => {
  test.each([
    ['a start', (fleet: Fleet) => fleet.restart()],
    ['a reload', async (fleet: Fleet) => fleet.reload([m0, m1])],
  ])('is looked for once after %s, and left alone if it is gone', async (_, renew) => {
    const fleet = await goneFleet();
    await renew(fleet);
    await fleet.rounds(4);
    expect(fleet.asked.get('m0')).toBe(4);
    expect(fleet.events).toEqual([]);
  });

  test('is watched again after a start that finds it, and what it is ready for is known still', async () => {
    const fleet = await goneFleet();
    await fleet.restart();
    fleet.say({ status: 'WORKING', readyForCutover: true });
    await fleet.rounds(2);
    expect(fleet.events).toMatchObject([
      {
        event: 'migration.status_changed',
        migration: 'm0',
        from: 'DISAPPEARED',
        to: 'WORKING',
        whileDown: true,
      },
      { event: 'migration.ready_for_cutover', migration: 'm0', readySinceKnown: false },
      { event: 'migration.ready_for_cutover', migration: 'm1' },
    ]);
    expect(fleet.asked.get('m0')).toBe(5);
  });

  test('is looked for until Atlas answers, and its outage is told like any other', async () => {
    const fleet = await goneFleet();
    await fleet.restart();
    fleet.say('network');
    await fleet.rounds(5);
    fleet.say('not_found', [m0]);
    fleet.say(read, [m1]);
    await fleet.rounds(5);
    expect(fleet.told()).toEqual(['down m0 (2)', 'up m0 (2)']);
    expect(fleet.asked.get('m0')).toBe(9);
    expect(fleet.events.filter(({ event }) => event.startsWith('migration.'))).toEqual([]);
    expect(fleet.state(m0)).toMatchObject({ settlement: 'DISAPPEARED' });
  });

  test('is not the end of watching: that all are settled is told again once it is', async () => {
    const fleet = await fleetOf([m0]);
    fleet.say('not_found');
    await fleet.rounds(3);
    fleet.say(read);
    fleet.reload([m0]);
    await fleet.rounds();
    fleet.say({ status: 'COMPLETE' });
    await fleet.rounds(2);
    expect(fleet.events.filter(({ event }) => event === 'watcher.settled')).toMatchObject([
      { statuses: { DISAPPEARED: 1 } },
      { statuses: { COMPLETE: 1 } },
    ]);
  });
});
