import type { EventFields } from '../events/catalogue.ts';

/** A time in which the store failed, or was replaced. */
export interface Episode {
  /** When it began to fail, in ms since 1970. */
  readonly since: number;
  readonly fileReplaced: boolean;
}

/** Returns what is said when the store works again: since when it did not, and what is lost. `now` in ms since 1970. */
export function recoveredFields(
  { since, fileReplaced }: Episode,
  hasFailed: boolean,
  { events, samples }: { readonly events: number; readonly samples: number },
  now: number,
): EventFields['watcher.state_recovered'] {
  return {
    downSeconds: hasFailed ? Math.max(0, Math.round((now - since) / 1000)) : 0,
    ...(events > 0 && { droppedEvents: events }),
    ...(samples > 0 && { droppedSamples: samples }),
    ...(fileReplaced && { fileReplaced }),
  };
}
