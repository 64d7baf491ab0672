import { z } from 'zod';
import { errorKinds } from '../atlas/error-kind.ts';
import type { EventRecord } from '../events/event-record.ts';
import type { DeliveryState } from './delivery-state.ts';
import { type MigrationState, type ScopeOutage, upgradeState } from './migration-state.ts';
import { type CutoverPlan, type OperatorRequest, type OperatorWord, planRisks } from './operator-word.ts';
import { DamagedRecordError, type LagSample } from './store.ts';

/*
 * What a store accepts of what it reads. SQLite checks its pages; the texts in them may still be anything. A schema has
 * what the program relies on. Other fields may come from a newer version, and pass. A newer version that needs another
 * value in one of these fields needs a new version of the state file, too.
 */

/** Latest moment that is accepted, in ms since 1970: far enough from the last date for a deadline to follow it. */
export const latestMoment = Date.UTC(9000, 0);

const moment = z.number().min(0).max(latestMoment);
const count = z.int().min(0);
const flag = z.literal(true).optional();
const texts = z.array(z.string());
const errorType = z.enum(errorKinds);

const known = {
  status: z.string().optional(),
  readyForCutover: z.boolean().optional(),
  migrationHosts: texts.optional(),
};

const observation = z.object({ ...known, lagTimeSeconds: z.number().optional(), observedAt: moment });

const saidBy = {
  statedAt: moment,
  author: z.string().optional(),
  comment: z.string().optional(),
};

const statement = { ...saidBy, source: z.enum(['operator', 'configuration']) };

const plan = z.object({
  ...statement,
  at: moment,
  durationMs: z.number().min(0),
  risks: z.array(z.enum(planRisks)).optional(),
  doubtSince: moment.optional(),
  missed: flag,
} satisfies Record<keyof CutoverPlan, z.ZodType>);

const operator = z.object({
  acknowledged: z.object({ ...saidBy, until: moment.optional() }).optional(),
  plan: plan.optional(),
  taken: z
    .object({
      deadline: moment.optional(),
      plannedAt: moment.optional(),
      planDuration: z.number().min(0).optional(),
    })
    .optional(),
} satisfies Record<keyof OperatorWord, z.ZodType>);

const readiness = z.object({
  since: moment,
  sinceKnown: z.boolean(),
  remindedAt: moment.optional(),
  warnedMs: z.array(z.number()).optional(),
  deadlinePassed: flag,
  warnedOf: moment.optional(),
  correctedAt: moment.optional(),
  stated: z.object({ ...statement, at: moment }).optional(),
  quietUntil: moment.optional(),
  lagHigh: z.object({ forMs: z.number().min(0), observedAt: moment, reported: flag }).optional(),
  cutover: z.object({ withoutLag: count, startedAt: moment.optional() }).optional(),
});

const lagProgress = z.object({
  lowest: z.number(),
  highest: z.number(),
  observedAt: moment,
  idleMs: z.number().min(0),
  stalled: z.boolean(),
  stalls: z.object({ count, lowest: z.number() }).optional(),
});

const outage = z.object({
  failures: count,
  since: moment,
  errorType,
  mayPass: flag,
  reportedAt: moment.optional(),
});

const gap = z.object({ from: moment, to: moment, reason: z.enum(['unreachable', 'not watched']) });

const migrationState = z.object({
  rememberedSince: moment,
  firstObservedAt: moment.optional(),
  observation: observation.optional(),
  known: z.object(known),
  statusSince: moment.optional(),
  readiness: readiness.optional(),
  withdrawn: z.object({ readiness, at: moment }).optional(),
  readyBefore: flag,
  lagProgress: lagProgress.optional(),
  settlement: z.enum(['COMPLETE', 'FAILED', 'EXPIRED', 'DISAPPEARED']).optional(),
  settledAt: moment.optional(),
  outage: outage.optional(),
  gaps: z.array(gap).optional(),
  notFoundInARow: count,
  notFoundSince: moment.optional(),
  reportedStatuses: texts,
  operator: operator.optional(),
} satisfies Record<keyof MigrationState, z.ZodType>);

const scopeOutage = z
  .object({
    scope: z.enum(['project', 'account']),
    groupId: z.string().optional(),
    since: moment,
    reportedAt: moment,
    migrations: count,
    errorType,
    probe: z.string(),
  } satisfies Record<keyof ScopeOutage, z.ZodType>)
  .refine(({ scope, groupId }) => (scope === 'project') === (groupId !== undefined));

const isoTime = z.string().refine((text) => Date.parse(text) <= latestMoment);

/** An event of an unknown name may come from a newer version. Its line is complete, so it is delivered like the others. */
const eventRecord = z.object({
  level: z.enum(['debug', 'info', 'warn', 'error']),
  time: isoTime,
  service: z.literal('cutover-watch'),
  event: z.string().regex(/^[a-z]+\.[a-z_]+$/),
  msg: z.string(),
  eventId: z.string(),
  migration: z.string().optional(),
  groupId: z.string().optional(),
  liveMigrationId: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  status: z.string().optional(),
  migrationHosts: texts.optional(),
  previous: z.looseObject({}).optional(),
  observedAt: isoTime.optional(),
  readySince: isoTime.optional(),
  deadline: isoTime.optional(),
});

/** Returns the state of a migration from its stored text. Throws a {@link DamagedRecordError} where it is not valid. */
export function readState(json: unknown): MigrationState {
  const what = 'the state of a migration';
  const stored = parsed(json, what);
  let state: unknown;
  try {
    state = upgradeState(stored as object);
  } catch (error) {
    throw new DamagedRecordError(`${what} is not valid`, { cause: error });
  }
  return valid(migrationState, state, what) as MigrationState;
}

/** Returns the outage of a scope from its stored text. Throws a {@link DamagedRecordError} where it is not valid. */
export function readOutage(json: unknown): ScopeOutage {
  const what = 'an outage';
  return valid(scopeOutage, parsed(json, what), what) as ScopeOutage;
}

/** Commands leave shorter ones. What a request has goes into the log. */
const shortText = z.string().max(1_000);

const requestHead = {
  id: shortText,
  migration: shortText,
  groupId: shortText,
  liveMigrationId: shortText,
  requestedAt: moment,
  author: shortText.optional(),
  comment: shortText.optional(),
  readySince: moment.optional(),
};

const request = z.discriminatedUnion('command', [
  z.object({
    ...requestHead,
    command: z.literal('extend'),
    until: moment.optional(),
    byMs: z.number().positive().optional(),
  }),
  z.object({ ...requestHead, command: z.literal('ack'), until: moment.optional() }),
  z.object({ ...requestHead, command: z.literal('unack') }),
  z.object({
    ...requestHead,
    command: z.literal('plan'),
    at: moment.optional(),
    durationMs: z.number().min(0).optional(),
  }),
]);

/** Returns a request from its stored text; undefined where it is not valid: any user who may write the file can leave one. */
export function readRequest(json: unknown): OperatorRequest | undefined {
  try {
    const result = request.safeParse(JSON.parse(String(json)));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

const delivery = z.object({
  failures: count,
  failingSince: moment.optional(),
  nextAttemptAt: moment.optional(),
  reported: flag,
  gone: flag,
  lastAnswer: z.object({ at: moment, text: z.string(), delivered: z.boolean() }).optional(),
} satisfies Record<keyof DeliveryState, z.ZodType>);

/** Returns how a delivery stood from its stored text. Throws a {@link DamagedRecordError} where it is not valid. */
export function readDelivery(json: unknown): DeliveryState {
  const what = 'the state of a delivery';
  return valid(delivery, parsed(json, what), what) as DeliveryState;
}

/** Returns an event from its stored text. Throws a {@link DamagedRecordError} where it is not valid. */
export function readEvent(json: unknown): EventRecord {
  const what = 'an event';
  return valid(eventRecord, parsed(json, what), what) as EventRecord;
}

/** Throws a {@link DamagedRecordError} if the lag sample is not valid. */
export function checkSample({ observedAt, lagTimeSeconds, lowest = 0, highest = 0 }: LagSample): void {
  // There are many of these: a schema takes ten times as long.
  const isValid =
    observedAt >= 0 && observedAt <= latestMoment && Number.isFinite(lagTimeSeconds + lowest + highest);
  if (!isValid) throw new DamagedRecordError('a lag sample is not valid');
}

function parsed(json: unknown, what: string): unknown {
  try {
    return JSON.parse(String(json));
  } catch (error) {
    throw new DamagedRecordError(`${what} is not JSON`, { cause: error });
  }
}

/** Returns the value itself, with all of its fields and in their order. */
function valid(schema: z.ZodType, value: unknown, what: string): unknown {
  const { error } = schema.safeParse(value);
  if (error === undefined) return value;
  const [issue] = error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
  throw new DamagedRecordError(`${what} is not valid${where}`, { cause: error });
}
