import type { MigrationId } from '../../src/atlas/migration-resource.ts';
import type { MigrationBody } from '../../src/simulator/scripts.ts';
import type { Target } from '../../src/watch/migration/target.ts';
import { type Random, randomOf } from './random.ts';

/** A part of a migration's life, as long as it takes to answer so many requests. */
export interface Phase {
  /** Undefined: answered with 404. */
  readonly status: string | undefined;
  readonly ready: boolean;
  readonly hosts: readonly string[];
  readonly replies: number;
  /** Lag at the beginning and at the end of the phase, where replies have one. */
  readonly lag?: readonly [from: number, to: number];
}

const projects = 10;

/** The window for cutover, in ms of the accelerated clock. */
export const soakWindowMs = 20 * 60_000;

export const soakKey = { publicKey: 'soaksoak', privateKey: 'f0e1d2c3-soak-4a5b-8c6d-7e8f90a1b2c3' } as const;

export const soakAccount = { clientId: 'mdb_sa_id_soak', clientSecret: 'mdb_sa_sk_soak-5a0b1c2d' } as const;

/** Whether a migration is read with the service account and not with the key: every second one. */
export function hasServiceAccount({ liveMigrationId }: MigrationId): boolean {
  return /[13579bdf]$/.test(liveMigrationId);
}

/** Returns the target of one migration of the soak; every number is another migration. */
export function targetOf(number: number): Target {
  return {
    name: `soak-${number}`,
    groupId: (number % projects).toString(16).padStart(24, '5'),
    liveMigrationId: number.toString(16).padStart(24, '0'),
    labels: {},
  };
}

/** Returns the life of one migration, always the same for its number; its last phase lasts for ever. */
export function lifeOf(number: number): readonly Phase[] {
  const random = randomOf(number);
  const hosts = [`mig-${number}-0.example.net`];
  const phase = (status: string | undefined, most: number, more: Partial<Phase> = {}): Phase => {
    return { status, ready: false, hosts, replies: random.whole(6, most), ...more };
  };
  const lag = random.scaled(600, 40_000);
  return [
    phase('NEW', 12),
    ...(random.chance(0.2) ? absence(random, phase) : []),
    ...(random.chance(0.1) ? [phase('PENDING', 10)] : []),
    phase('WORKING', 10),
    phase('WORKING', 60, { lag: [lag, lag * 0.4] }),
    ...(random.chance(0.1) ? [phase('WORKING', 40, { lag: [lag * 0.4, lag * 0.45] })] : []),
    phase('WORKING', 40, {
      lag: [lag * 0.4, 25],
      hosts: random.chance(0.2) ? [...hosts, 'mig-x.example.net'] : hosts,
    }),
    phase('WORKING', 40, { lag: [20, 5], ready: true }),
    ...withdrawals(random, phase),
    // The lag is gone: the cutover.
    ...(random.chance(0.3) ? [phase('WORKING', 10, { ready: true })] : []),
    ...(random.chance(0.1) ? retry(random, phase) : []),
    ...ending(random, phase),
  ];
}

/** Returns what Atlas answers to this migration's requests, one after the other; undefined is a 404. */
export function scriptOf(number: number): () => MigrationBody | undefined {
  let phases: readonly Phase[] | undefined;
  let index = 0;
  let replies = 0;
  const { liveMigrationId } = targetOf(number);
  return () => {
    phases ??= lifeOf(number);
    if (index < phases.length - 1 && replies >= (phases[index]?.replies ?? 0)) {
      index += 1;
      replies = 0;
    }
    const current = phases[index];
    if (current === undefined) return undefined;
    const { status, ready, hosts, lag } = current;
    const progress = replies / current.replies;
    replies += 1;
    if (status === undefined) return undefined;
    const lagTimeSeconds = lag && Math.round(lag[0] + (lag[1] - lag[0]) * progress);
    const body = { _id: liveMigrationId, status, readyForCutover: ready, migrationHosts: hosts };
    return lagTimeSeconds === undefined ? body : { ...body, lagTimeSeconds };
  };
}

type MakePhase = (status: string | undefined, most: number, more?: Partial<Phase>) => Phase;

function withdrawals(random: Random, phase: MakePhase): Phase[] {
  return Array.from({ length: random.whole(0, 3) }, () => [
    // Some within a tenth of the window, some longer.
    phase('WORKING', 20, { lag: [60, 35], replies: random.whole(2, 20) }),
    phase('WORKING', 40, { lag: [15, 5], ready: true }),
  ]).flat();
}

/** Lost from sight and there again: too short to be reported as gone, or so long that it is. */
function absence(random: Random, phase: MakePhase): Phase[] {
  const replies = random.chance(0.5) ? random.whole(2, 20) : random.whole(31, 36);
  return [phase(undefined, 0, { replies }), phase('WORKING', 10)];
}

/** An end that is none. It is read once when it comes, and then at each start. */
function retry(random: Random, phase: MakePhase): Phase[] {
  const status = random.chance(0.8) ? 'FAILED' : 'EXPIRED';
  return [
    phase(status, 0, { replies: 2 }),
    phase('NEW', 8),
    phase('WORKING', 10, { lag: [500, 25] }),
    phase('WORKING', 15, { lag: [20, 5], ready: true }),
  ];
}

function ending(random: Random, phase: MakePhase): Phase[] {
  const status = ['COMPLETE', 'COMPLETE', 'COMPLETE', 'FAILED', 'EXPIRED', undefined][random.whole(0, 5)];
  return [phase(status, 10, { ready: status === 'COMPLETE' })];
}
