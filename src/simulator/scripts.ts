/** The body of a live migration as Atlas documents it: five fields, none of them guaranteed. */
export type MigrationBody = {
  readonly _id?: string | null;
  readonly status?: string | null;
  readonly readyForCutover?: boolean | null;
  readonly lagTimeSeconds?: number | null;
  /** Older replies hold a bare string. */
  readonly migrationHosts?: readonly string[] | string | null;
};

/** Returns what Atlas would answer at a time in milliseconds; undefined is a 404. */
export type MigrationScript = (nowMs: number) => MigrationBody | undefined;

export type ScriptStep = {
  /** When the step begins, in milliseconds after the start of the script. It lasts until the next one. */
  readonly atMs: number;
  /** What is answered meanwhile; undefined is a 404. */
  readonly body: MigrationBody | undefined;
  /**
   * Lag that moves over the step, in a straight line unless it wavers, in place of the body's own `lagTimeSeconds`.
   * The last step has no end to move to, and stays at `toSeconds`.
   */
  readonly lag?: LagCourse;
  /** Atlas answers with an internal error (500) meanwhile. */
  readonly fails?: true;
};

type LagCourse = {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  /** Fast at first, then slower and slower, and not quite even, as a copy catches up. */
  readonly wavering?: true;
};

/**
 * Plays the steps one after the other, the last one for ever. Before the first step there is nothing to find (404).
 * @throws RangeError when the steps are not in order of time; the script throws where Atlas fails
 */
export function playScript(steps: readonly ScriptStep[], startedAtMs: number): MigrationScript {
  const outOfOrder = steps.findIndex((step, index) => step.atMs <= (steps[index - 1]?.atMs ?? -Infinity));
  if (outOfOrder !== -1) {
    throw new RangeError(`Step ${outOfOrder + 1} of the script does not begin after the one before it.`);
  }
  return (nowMs) => {
    const elapsedMs = nowMs - startedAtMs;
    const index = steps.findLastIndex((step) => step.atMs <= elapsedMs);
    const step = steps[index];
    return step === undefined ? undefined : bodyDuring(step, steps[index + 1]?.atMs, elapsedMs);
  };
}

function bodyDuring(
  { atMs, body, lag, fails }: ScriptStep,
  endsAtMs: number | undefined,
  elapsedMs: number,
): MigrationBody | undefined {
  if (fails) throw new Error('The script has Atlas fail here.');
  if (body === undefined || lag === undefined) {
    return body;
  }
  const progress = endsAtMs === undefined ? 1 : (elapsedMs - atMs) / (endsAtMs - atMs);
  return { ...body, lagTimeSeconds: Math.round(lagAt(lag, progress)) };
}

/** Between its ends, which it keeps. */
function lagAt({ fromSeconds, toSeconds, wavering }: LagCourse, progress: number): number {
  const rest = 1 - progress;
  const left = wavering ? rest ** 1.6 + 0.05 * Math.sin(progress * 23) * progress * rest : rest;
  return toSeconds + (fromSeconds - toSeconds) * left;
}
