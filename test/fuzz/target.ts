/** What is fuzzed: inputs, and what they are fed to. */
export interface Target {
  /** Inputs as they come, which are changed at random. */
  readonly corpus: readonly string[];
  /** Pieces that matter to the parser, which are put in at random. */
  readonly tokens: readonly string[];
  /** A beginning, and what follows it many times: what takes long where a parser looks back. */
  readonly runs: readonly (readonly [string, string])[];
  /** Prepares what the inputs are fed to. */
  open(): Promise<Opened> | Opened;
}

export interface Opened {
  /** Throws, or rejects, when the program would have crashed or broken a rule. */
  run(input: string): unknown;
  close?(): Promise<void> | void;
}

export const targetNames = [
  'configuration',
  'atlas-replies',
  'digest-challenges',
  'http-requests',
  'state-rows',
] as const;

export type TargetName = (typeof targetNames)[number];

/** Throws with this message where a rule does not hold. */
export function demand(holds: boolean, rule: string): void {
  if (!holds) throw new Error(`A rule is broken: ${rule}`);
}
