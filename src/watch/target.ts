import type { MigrationId } from '../atlas/endpoint.ts';

/** One migration to watch, as configured. */
export interface Target extends MigrationId {
  /** How people call it; unique. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}
