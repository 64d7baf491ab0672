import { z } from 'zod';
import { ownSettings, readOwnSettings } from './own-settings.ts';
import { type CrossCheck, crossCheck, property } from './scalar-schema.ts';
import { atlasId, filePattern, line } from './scalars.ts';

const MAX_LABELS = 16;
const MAX_LABEL_NAME = 63;

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

/** Names and texts of one's choice. */
export const labels = z
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
      ...ownSettings,
    },
    {
      error:
        'is {value}; write groupId and liveMigrationId below it, or groupId/liveMigrationId as one text.',
    },
  )
  .transform(({ name, groupId: group, liveMigrationId: live, labels: own, ...settings }) => ({
    name: name ?? live,
    groupId: group,
    liveMigrationId: live,
    labels: own,
    ...readOwnSettings(settings),
  }));

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

/** The `include` section: where further migrations are. */
export const includeSchema = z
  .array(filePattern(), {
    error: 'is {value}; write a list of file names such as [migrations.d/*.yaml].',
  })
  .optional()
  .meta({
    description:
      'Further files with `migrations:` only. Names are relative to this file; `*`, `?`, `[a-z]` and `{a,b}` stand for parts of them.',
    defaultText: 'none',
    example: ['migrations.d/*.yaml'],
    kind: 'list of paths',
  });

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
          { path: [index], clause: 'is the same migration as {other}; remove one of them.', other: twin },
        ];
      }
    }
    const name = property(item, 'name') ?? live;
    const namesake = typeof name === 'string' ? firstWith(names, name, index) : undefined;
    if (namesake === undefined) return [];
    const clause =
      'has the same name as {other} (the name is the liveMigrationId unless given); give it a name of its own.';
    return [{ path: [index], clause, other: namesake }];
  });
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
