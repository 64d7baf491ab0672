/*
 * What people state about a migration, because Atlas does not show it. All moments are in ms since 1970.
 */

/** Who stated something, when, and why. */
export interface Statement {
  readonly source: 'operator' | 'configuration';
  /** When a command was given, or when the watcher first read a changed value in the configuration. */
  readonly statedAt: number;
  /** Name of the user of the operating system who gave the command. */
  readonly author?: string;
  readonly comment?: string;
}

/** The true end of a window. */
export interface StatedDeadline extends Statement {
  readonly at: number;
}

/** Somebody knows how things stand: reminders rest. */
export interface Acknowledgement extends Omit<Statement, 'source'> {
  readonly until?: number;
}

/** Why a planned cutover may fail. */
export const planRisks = ['deadline', 'estimate', 'stalled', 'unreachable', 'withdrawn', 'lag_high'] as const;
export type PlanRisk = (typeof planRisks)[number];

/** A planned cutover. */
export interface CutoverPlan extends Statement {
  readonly at: number;
  readonly durationMs: number;
  /** The causes that are reported and last. */
  readonly risks?: readonly PlanRisk[];
  /** Since when the estimate contradicts what `risks` has of it: it counts once that has lasted. */
  readonly doubtSince?: number;
  /** It was reported as missed. */
  readonly missed?: true;
}

/** What the configuration states of one migration. */
export interface ConfiguredCutover {
  readonly deadline?: number | undefined;
  readonly plannedAt?: number | undefined;
  readonly planDuration?: number | undefined;
}

/** What is known by word. The deadline is with the readiness that it ends. */
export interface OperatorWord {
  readonly acknowledged?: Acknowledgement;
  readonly plan?: CutoverPlan;
  /** The values of the configuration that were taken: only another one is a new word. */
  readonly taken?: ConfiguredCutover;
}

interface RequestHead {
  /** Random, and never used again. */
  readonly id: string;
  /** What the author called the migration. */
  readonly migration: string;
  readonly groupId: string;
  readonly liveMigrationId: string;
  readonly requestedAt: number;
  readonly author?: string | undefined;
  readonly comment?: string | undefined;
  /** Begin of the readiness that the author knew; absent where there was none. */
  readonly readySince?: number | undefined;
}

/** What a command asks of the watcher. */
export type OperatorRequest = RequestHead &
  (
    | { readonly command: 'extend'; readonly until?: number | undefined; readonly byMs?: number | undefined }
    | { readonly command: 'ack'; readonly until?: number | undefined }
    | { readonly command: 'unack' }
    | { readonly command: 'plan'; readonly at?: number | undefined; readonly durationMs?: number | undefined }
  );
