import type { MigrationView } from '../server/migration-view.ts';

/** How far behind a copy was at one moment. */
export interface Sample {
  readonly observedAt: string;
  readonly lagTimeSeconds: number;
}

/** What the page knows of one migration. */
export interface Entry {
  readonly view: MigrationView;
  /** Of late, oldest first: enough for a small plot. */
  readonly samples: readonly Sample[];
}

/** As many points as a small plot has room for. */
export const keptSamples = 60;

/** Returns what is known once a newer view has come. */
export function withView({ samples }: Pick<Entry, 'samples'>, view: MigrationView): Entry {
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

/** Returns what tells migrations apart, also when one is called another name after a reload. */
export function keyOf({
  groupId,
  liveMigrationId,
}: Pick<MigrationView, 'groupId' | 'liveMigrationId'>): string {
  return `${groupId}/${liveMigrationId}`;
}
