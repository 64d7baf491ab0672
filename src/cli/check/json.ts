import { lagFields } from '../../watch/migration/lag-stall.ts';
import type { Look } from './look.ts';

/** Returns a migration for programs: what the table shows, by the names of the events. */
export function toJson({ target, result, trend, estimate, window }: Look): object {
  const { name, groupId, liveMigrationId, labels } = target;
  const identity = { name, groupId, liveMigrationId, labels };
  if (result.ok) return { ...identity, ...result.reading, ...lagFields(trend, estimate), ...window };
  const { kind, httpStatus, errorCode, detail, remedy } = result.error;
  return { ...identity, ...window, error: { errorType: kind, httpStatus, errorCode, detail, remedy } };
}
