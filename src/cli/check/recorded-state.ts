import { keyOf } from '../../atlas/migration-resource.ts';
import { shownDatabase } from '../../config/database-address.ts';
import type { StateSettings } from '../../config/state-settings.ts';
import type { RecordedMigration, StateRecord } from '../../state/record.ts';
import { StateError } from '../../state/store.ts';
import { collectSamples, listSamples, reachMs } from '../../watch/migration/lag-samples.ts';
import type { Target } from '../../watch/migration/target.ts';
import { openRecord } from '../record.ts';

/** What a watcher has recorded, as far as it can be read. */
export interface RecordedState {
  /** Of the migrations that were asked for. */
  readonly migrations: readonly RecordedMigration[];
  readonly of: (target: Target) => RecordedMigration | undefined;
  /** A sentence on what is not known because there is no record of it; undefined where there is one of all. */
  readonly gap: string | undefined;
}

/** Where no record is read, and nobody expects one. */
export const withoutRecord: RecordedState = { migrations: [], of: () => undefined, gap: undefined };

const maxNames = 3;

/** Reads the record, beside a running watcher; one that cannot be read is no obstacle. `now` in ms since 1970. */
export async function readRecordedState(
  state: StateSettings,
  targets: readonly Target[],
  now: number,
): Promise<RecordedState> {
  let record: StateRecord | undefined;
  try {
    record = await openRecord(state);
    const recorded = new Map<string, RecordedMigration>();
    for await (const one of record.stored(targets, now - reachMs))
      recorded.set(keyOf(one), { ...one, samples: listSamples(collectSamples(one.samples)) });
    const unknown = targets.filter((target) => !recorded.has(keyOf(target))).map(({ name }) => name);
    const known = targets.map((target) => recorded.get(keyOf(target))).filter((one) => one !== undefined);
    return {
      migrations: known,
      of: (target) => recorded.get(keyOf(target)),
      gap: gapSentence(placeOf(state), targets, unknown),
    };
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return {
      migrations: [],
      of: () => undefined,
      gap: `No trend, estimate or time left without a record. ${error.message}`,
    };
  } finally {
    await record?.close();
  }
}

function placeOf(state: StateSettings): string {
  return state.kind === 'file' ? state.path : shownDatabase(state.url);
}

function gapSentence(
  place: string,
  targets: readonly Target[],
  unknown: readonly string[],
): string | undefined {
  if (unknown.length === 0) return undefined;
  const more = unknown.length > maxNames ? ` and ${unknown.length - maxNames} more` : '';
  const whose =
    unknown.length === targets.length
      ? 'These migrations'
      : `${unknown.slice(0, maxNames).join(', ')}${more}`;
  return `${whose}: no trend or time left yet, as no watcher has a record of ${unknown.length === 1 ? 'it' : 'them'} in ${place}.`;
}
