import { z } from 'zod';
import { type CrossCheck, crossCheck, property } from './scalar-schema.ts';
import { atlasId, duration, line, moment } from './scalars.ts';

const MAX_LABELS = 16;
const MAX_LABEL_NAME = 63;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const groupId = atlasId(
  'the project (group) id, 24 characters 0-9 and a-f in lower case; an organization id looks alike but is something else',
).meta({
  description:
    'Project (group) id: 24 characters 0-9 and a-f. An organization id looks alike but is something else.',
  example: '5f7f5f5f5f5f5f5f5f5f5f5f',
});

const liveMigrationId = atlasId('the live migration id, 24 characters 0-9 and a-f in lower case').meta({
  description: 'Id of the live migration: 24 characters 0-9 and a-f.',
  example: '7e68e12770616e75e6df43d0',
});

const labels = z
  .record(z.string(), line(200).optional(), {
    error: 'is {value}; write names and texts below it, such as team: payments.',
  })
  .check(crossCheck(findLabelFaults))
  .transform(
    (given): Readonly<Record<string, string>> =>
      Object.fromEntries(
        Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
      ),
  );

/** What people state of one cutover, because Atlas does not show it. */
const cutover = z
  .strictObject(
    {
      deadline: moment().optional().meta({
        description:
          'The true end of the window, as the Atlas console shows it; with a zone or an offset. Used while the migration is ready.',
        defaultText: 'the first observation of readiness plus `cutover.window`',
        example: '2026-12-03T10:00:00Z',
      }),
      plannedAt: moment().optional().meta({
        description:
          'When the cutover is planned; reminders rest until then, and a plan at risk is reported.',
        example: '2026-11-29T02:00:00+01:00',
      }),
      planDuration: duration(MINUTE, 30 * DAY)
        .optional()
        .meta({
          description: 'How long the planned cutover takes; after that it counts as missed.',
          defaultText: '`2h`',
          example: '2h',
        }),
    },
    { error: 'is {value}; write deadline, plannedAt or planDuration below it.' },
  )
  .check(crossCheck(findDurationWithoutPlan));

const migration = z
  .strictObject(
    {
      name: line(100).optional().meta({
        description: 'Name of the migration in events and pages; unique, at most 100 characters.',
        defaultText: 'the liveMigrationId',
        example: 'orders',
      }),
      groupId,
      liveMigrationId,
      labels: labels.prefault({}).meta({
        description: `Up to ${MAX_LABELS} names and texts of your choice, added to every event about the migration.`,
        example: { team: 'payments' },
      }),
      cutover: cutover.optional().meta({ description: 'What is known of the cutover of this migration.' }),
    },
    {
      error:
        'is {value}; write groupId and liveMigrationId below it, or groupId/liveMigrationId as one text.',
    },
  )
  .transform(({ name, ...given }) => ({ name: name ?? given.liveMigrationId, ...given }));

/** The `migrations` section: what to watch. An item is an object or the text `groupId/liveMigrationId`. */
export const migrationsSchema = z
  .array(
    z.preprocess(spellOut, migration).meta({
      description: 'A migration; the text groupId/liveMigrationId is short for one without name and labels.',
      bareForm: { type: 'string', pattern: '^[a-f0-9]{24}/[a-f0-9]{24}$|\\$\\{' },
    }),
    { error: 'is {value}; list at least one migration, with its groupId and liveMigrationId.' },
  )
  .check(crossCheck(findNoMigration), crossCheck(findDuplicates))
  .meta({ description: 'The migrations to watch, one at least.', minItems: 1 });

function spellOut(item: unknown, context: z.RefinementCtx): unknown {
  if (typeof item !== 'string') return item;
  const [, group, live] = /^([a-f0-9]{24})\/([a-f0-9]{24})$/.exec(item) ?? [];
  if (group !== undefined && live !== undefined) return { groupId: group, liveMigrationId: live };
  context.addIssue({
    code: 'custom',
    message: 'is {value}; write groupId/liveMigrationId, each 24 characters 0-9 and a-f, or the two as keys.',
  });
  return z.NEVER;
}

function findNoMigration(migrations: unknown): readonly CrossCheck[] {
  return Array.isArray(migrations) && migrations.length === 0
    ? [
        {
          path: [],
          clause: 'is an empty list; list at least one migration, with its groupId and liveMigrationId.',
        },
      ]
    : [];
}

function findDuplicates(migrations: unknown): readonly CrossCheck[] {
  if (!Array.isArray(migrations)) return [];
  const pairs = new Map<string, number>();
  const names = new Map<string, number>();
  return migrations.flatMap((item: unknown, index): readonly CrossCheck[] => {
    const [group, live] = [property(item, 'groupId'), property(item, 'liveMigrationId')];
    if (typeof group === 'string' && typeof live === 'string') {
      const twin = firstWith(pairs, `${group}/${live}`, index);
      if (twin !== undefined) {
        return [
          { path: [index], clause: `is the same migration as migrations[${twin}]; remove one of them.` },
        ];
      }
    }
    const name = property(item, 'name') ?? live;
    const namesake = typeof name === 'string' ? firstWith(names, name, index) : undefined;
    if (namesake === undefined) return [];
    const clause = `has the same name as migrations[${namesake}] (the name is the liveMigrationId unless given); give it a name of its own.`;
    return [{ path: [index], clause }];
  });
}

function findDurationWithoutPlan(given: unknown): readonly CrossCheck[] {
  if (property(given, 'planDuration') === undefined || property(given, 'plannedAt') !== undefined) return [];
  return [{ path: ['planDuration'], clause: 'is given without plannedAt; add when the cutover is planned.' }];
}

function firstWith(seen: Map<string, number>, key: string, index: number): number | undefined {
  const first = seen.get(key);
  if (first === undefined) seen.set(key, index);
  return first;
}

function findLabelFaults(given: unknown): readonly CrossCheck[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return [];
  const names = Object.keys(given);
  const badNames = names.filter(
    (name) => name.trim() === '' || name.length > MAX_LABEL_NAME || /[\p{Cc}\u2028\u2029]/u.test(name),
  );
  const tooMany = `holds ${names.length} labels; ${MAX_LABELS} is the most.`;
  const badName = `holds a label name that is empty, longer than ${MAX_LABEL_NAME} characters or not on one line; shorten it.`;
  return [
    ...(names.length > MAX_LABELS ? [{ path: [], clause: tooMany }] : []),
    ...(badNames.length > 0 ? [{ path: [], clause: badName }] : []),
  ];
}
