import type { Axis } from './axis.ts';

/** What all rows have in common. It is replaced when something of it changes. */
export interface Scene {
  readonly axis: Axis;
  /** Origin of the Atlas console. */
  readonly consoleUrl: string;
  /** Returns the address of the detail of a migration. */
  readonly addressOf: (migration: string) => string;
  /** Filters by a label. */
  readonly onLabel: (label: string) => void;
}
