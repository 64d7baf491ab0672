import { type CrossCheck, property } from './scalar-schema.ts';
import { duration, moment } from './scalars.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The keys of `migrations[].cutover` for what people state of one cutover, because Atlas does not show it. */
export const statedFields = {
  deadline: moment().optional().meta({
    description:
      'The true end of the window, as the Atlas console shows it; with a zone or an offset. Used while the migration is ready.',
    defaultText: 'the first observation of readiness plus `cutover.window`',
    example: '2026-12-03T10:00:00Z',
  }),
  plannedAt: moment().optional().meta({
    description: 'When the cutover is planned; reminders rest until then, and a plan at risk is reported.',
    example: '2026-11-29T02:00:00+01:00',
  }),
  planDuration: duration(MINUTE, 30 * DAY)
    .optional()
    .meta({
      description: 'How long the planned cutover takes; after that it counts as missed.',
      defaultText: '`2h`',
      example: '2h',
    }),
};

/** Returns a fault where a plan has a duration and no time. */
export function findDurationWithoutPlan(given: unknown): readonly CrossCheck[] {
  if (property(given, 'planDuration') === undefined || property(given, 'plannedAt') !== undefined) return [];
  return [{ path: ['planDuration'], clause: 'is given without plannedAt; add when the cutover is planned.' }];
}
