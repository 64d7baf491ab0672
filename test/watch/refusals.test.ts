import { describe, expect, test } from 'vitest';
import type { AtlasError } from '../../src/atlas/atlas-error.ts';
import { refusedTogether, sparedOf } from '../../src/watch/refusals.ts';
import { Fleet } from './harness.ts';
import { errorOf, targetOf } from './sample-migrations.ts';

const refused = errorOf('unauthorized');
const projects = { a: 'a'.repeat(24), b: 'b'.repeat(24) };

function one(project: keyof typeof projects, latest: 'read' | AtlasError | undefined) {
  return { target: { groupId: projects[project] }, latest };
}

describe('of migrations whose credentials are refused', () => {
  const [a1, a2, b1, b2] = [one('a', refused), one('a', refused), one('b', refused), one('b', refused)];
  const [read, down, unread] = [one('b', 'read'), one('b', errorOf('network')), one('b', undefined)];

  test.each([
    ['all, the first speaks for all', [a1, a2, b1, b2], [a2, b1, b2]],
    ['all of a project, its first speaks for those', [a1, a2, b1, read], [a2]],
    ['not all of a project, each speaks for itself', [a1, b1, b2, read], []],
    ['all but one that fails otherwise, its project is not spared', [a1, a2, b1, down], [a2]],
    ['all but one that was never polled, its project is not spared', [a1, a2, b1, unread], [a2]],
    ['a single one, it is polled', [a1], []],
    ['none, none is spared', [read, down], []],
  ])('where it is %s', (_, all, spared) => {
    expect([...sparedOf(all)]).toEqual(spared);
  });

  test('one knows for whom it speaks', () => {
    expect(refusedTogether([a1, a2, b1, read], a2)).toEqual([a1]);
    expect(refusedTogether([a1, a2, b1, b2], a2)).toEqual([a1, b1, b2]);
    expect(refusedTogether([a1, a2, b1, read], b1)).toEqual([]);
    expect(refusedTogether([a1, a2, b1, read], read)).toEqual([]);
  });
});

const read = { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 9_000 };
const ofA = [1, 2, 3, 4].map((number) => targetOf(number, projects.a));
const ofB = [5, 6].map((number) => targetOf(number, projects.b));
const all = [...ofA, ...ofB];

/** How often these were asked for in so many rounds, two a minute. */
async function asked(fleet: Fleet, targets: typeof all, rounds: number): Promise<number> {
  const count = () => targets.reduce((sum, { name }) => sum + (fleet.asked.get(name) ?? 0), 0);
  const before = count();
  await fleet.rounds(rounds);
  return count() - before;
}

async function healthy(): Promise<Fleet> {
  const fleet = new Fleet(all);
  fleet.say(read);
  await fleet.rounds(2);
  return fleet;
}

describe('refused credentials', () => {
  test('are tried by one migration a minute, and all are read again in the round in which that one is', async () => {
    const fleet = await healthy();
    fleet.say('unauthorized');
    expect(await asked(fleet, all, 2)).toBe(all.length);
    expect(await asked(fleet, all, 20)).toBe(10);
    expect(fleet.told()).toEqual(['down m1 (6)']);
    expect(all.map((target) => fleet.state(target)?.outage?.told)).toEqual([
      'for all',
      ...Array.from({ length: 5 }, () => 'by another'),
    ]);
    fleet.say(read);
    expect(await asked(fleet, all, 2)).toBeGreaterThanOrEqual(all.length);
    expect(fleet.told()).toEqual(['down m1 (6)', 'up m1 (6)']);
    expect(all.map((target) => fleet.state(target)?.outage)).toEqual(all.map(() => undefined));
  });

  test('without access to one project are tried there by one migration a minute, and each is told of', async () => {
    const fleet = await healthy();
    fleet.say('unauthorized', ofA);
    expect(await asked(fleet, ofA, 2)).toBe(ofA.length);
    expect(await asked(fleet, ofA, 20)).toBe(10);
    expect(await asked(fleet, ofB, 20)).toBe(20 * ofB.length);
    expect(fleet.told()).toEqual(['down m1', 'down m2', 'down m3', 'down m4']);
  });

  test('of one migration beside readable ones are tried by it once a minute', async () => {
    const fleet = await healthy();
    fleet.say('unauthorized', ofA.slice(2, 3));
    await fleet.rounds(2);
    expect(await asked(fleet, ofA.slice(2, 3), 20)).toBe(10);
    expect(await asked(fleet, ofA.slice(0, 2), 20)).toBe(40);
  });

  test('that are refused for all are told once, though one of them was refused before the others', async () => {
    const fleet = await healthy();
    fleet.say('unauthorized', all.slice(1, 2));
    await fleet.rounds(3);
    fleet.say('unauthorized');
    await fleet.rounds(12);
    fleet.say(read);
    await fleet.rounds(4);
    expect(fleet.told()).toEqual(['down m2 (6)', 'up m2 (6)']);
  });

  test('are tried by another migration where that one is watched no more', async () => {
    const fleet = await healthy();
    fleet.say('unauthorized');
    await fleet.rounds(6);
    fleet.reload(all.slice(1));
    expect(await asked(fleet, all, 20)).toBe(10);
    fleet.say(read);
    await fleet.rounds(3);
    expect(fleet.told()).toEqual(['down m1 (6)', 'up m2 (5)']);
  });
});
