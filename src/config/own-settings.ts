import { z } from 'zod';
import { cutoverFields, scheduleFields, sortedWarnings, watchFields } from './policy-schema.ts';
import { crossCheck } from './scalar-schema.ts';
import { findDurationWithoutPlan, statedFields } from './stated-cutover.ts';

/**
 * The sections of a migration: what is set for it alone. Each key is that of the section of the same name, with the same
 * limits; what is absent is as for all. The time zone, reminders of outages and the heartbeat are of all.
 */
export const ownSettings = {
  cutover: z
    .strictObject(
      {
        window: own(cutoverFields.window, 'cutover.window', '24h'),
        warnBefore: own(cutoverFields.warnBefore, 'cutover.warnBefore', ['6h', '1h']),
        remindEvery: own(cutoverFields.remindEvery, 'cutover.remindEvery', '2h'),
        lagAtMost: own(cutoverFields.lagAtMost, 'cutover.lagAtMost', '15m'),
        ...statedFields,
      },
      { error: 'is {value}; write keys of cutover below it, such as window: 24h.' },
    )
    .check(crossCheck(findDurationWithoutPlan))
    .optional()
    .meta({
      description: 'Keys of `cutover` for this migration alone, and what people know of its cutover.',
    }),
  schedule: z
    .strictObject(
      {
        default: own(scheduleFields.default, 'schedule.default', '0 * * * * *'),
        approaching: own(scheduleFields.approaching, 'schedule.approaching', '*/10 * * * * *'),
        approachingLag: own(scheduleFields.approachingLag, 'schedule.approachingLag', '10m'),
      },
      { error: 'is {value}; write default, approaching or approachingLag below it.' },
    )
    .optional()
    .meta({ description: 'Keys of `schedule` for this migration alone; the time zone is that of all.' }),
  watch: z
    .strictObject(
      {
        stallAfter: own(watchFields.stallAfter, 'watch.stallAfter', '2h'),
        unreachableAfter: own(watchFields.unreachableAfter, 'watch.unreachableAfter', '10m'),
      },
      { error: 'is {value}; write stallAfter or unreachableAfter below it.' },
    )
    .optional()
    .meta({ description: 'Keys of `watch` for this migration alone.' }),
} as const;

type OwnSettings = { readonly [Key in keyof typeof ownSettings]?: z.output<(typeof ownSettings)[Key]> };

/** Returns the settings without what is not given. */
export function readOwnSettings({ cutover, schedule, watch }: OwnSettings): OwnSettings {
  const warnBefore = cutover?.warnBefore && { warnBefore: [...sortedWarnings(cutover.warnBefore)] };
  return withoutEmpty({
    cutover: cutover && withoutEmpty({ ...cutover, ...warnBefore }),
    schedule: schedule && withoutEmpty(schedule),
    watch: watch && withoutEmpty(watch),
  });
}

function withoutEmpty<Section extends object>(section: Section): Section {
  const given = Object.entries(section).filter(([, value]) => value !== undefined && !isEmptySection(value));
  return Object.fromEntries(given) as Section;
}

function isEmptySection(value: unknown): boolean {
  return typeof value === 'object' && !Array.isArray(value) && Object.keys(value ?? {}).length === 0;
}

/** Returns a key of a section as a key of a migration: without the default, which is what applies to all. */
function own<Value extends z.ZodType>(field: { unwrap(): Value }, path: string, example: unknown) {
  const { kind } = (field instanceof z.ZodType && field.meta()) || {};
  return field
    .unwrap()
    .optional()
    .meta({
      description: `In place of \`${path}\`.`,
      example,
      ...(kind !== undefined && { kind }),
    });
}
