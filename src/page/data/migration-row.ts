import type { MigrationView } from '../../server/migration-view.ts';

/** The lag of a migration at one moment. */
export interface Sample {
  readonly observedAt: string;
  readonly lagTimeSeconds: number;
}

/** What the page knows of one migration. */
export interface MigrationRow {
  readonly view: MigrationView;
  /** The latest ones, oldest first: enough for a sparkline. */
  readonly samples: readonly Sample[];
}

/** As many points as a sparkline has room for. */
export const keptSamples = 60;

/** Returns the row with a newer view, and with its lag as the latest sample. */
export function withView({ samples }: Pick<MigrationRow, 'samples'>, view: MigrationView): MigrationRow {
  const { observedAt, lagTimeSeconds } = view;
  const isNew =
    observedAt !== undefined &&
    lagTimeSeconds !== undefined &&
    observedAt > (samples.at(-1)?.observedAt ?? '');
  return {
    view,
    samples: isNew ? [...samples, { observedAt, lagTimeSeconds }].slice(-keptSamples) : samples,
  };
}

/** Returns the key of a migration, which stays the same when a reload changes its name. */
export function keyOf({
  groupId,
  liveMigrationId,
}: Pick<MigrationView, 'groupId' | 'liveMigrationId'>): string {
  return `${groupId}/${liveMigrationId}`;
}
