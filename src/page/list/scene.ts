import type { Stale } from '../header/standing.ts';
import type { Axis } from './axis.ts';

/** What all rows have in common. It is replaced when something of it changes. */
export interface Scene {
  readonly axis: Axis;
  /** Undefined while what is shown is current. */
  readonly stale: Stale | undefined;
  /** Origin of the Atlas console. */
  readonly consoleUrl: string;
  /** Returns the address of the detail of a migration. */
  readonly addressOf: (migration: string) => string;
  /** Filters by a label. */
  readonly onLabel: (label: string) => void;
}
