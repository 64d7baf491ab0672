/** The body of a live migration reply: the five documented fields, all optional. */
export type MigrationBody = {
  readonly _id?: string | null;
  readonly status?: string | null;
  readonly readyForCutover?: boolean | null;
  readonly lagTimeSeconds?: number | null;
  /** Older replies hold a bare string. */
  readonly migrationHosts?: readonly string[] | string | null;
};

/** Returns the body of the reply at a time in ms; undefined is a 404. */
export type MigrationScript = (nowMs: number) => MigrationBody | undefined;

export type ScriptStep = {
  /** Start of the step, in ms after the start of the script. It lasts until the next step. */
  readonly atMs: number;
  /** The body of the replies during the step; undefined is a 404. */
  readonly body: MigrationBody | undefined;
  /**
   * The lag moves between these values during the step, instead of the body's `lagTimeSeconds`: linear, unless it
   * wavers. The last step stays at `toSeconds`.
   */
  readonly lag?: LagCourse;
  /** The replies during the step are an internal error (500). */
  readonly fails?: true;
};

type LagCourse = {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  /** Falls fast at first, then more slowly, with noise, like a copy that catches up. */
  readonly wavering?: true;
};

/**
 * Returns a script that plays the steps one after the other, the last one forever. Before the first step it returns
 * undefined (404). It throws during a step that fails. Throws a RangeError if the steps are not in order of time.
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
  if (fails) throw new Error('Atlas fails in this step of the script.');
  if (body === undefined || lag === undefined) {
    return body;
  }
  const progress = endsAtMs === undefined ? 1 : (elapsedMs - atMs) / (endsAtMs - atMs);
  return { ...body, lagTimeSeconds: Math.round(lagAt(lag, progress)) };
}

/** Returns the lag with noise; it stays within both ends. */
function lagAt({ fromSeconds, toSeconds, wavering }: LagCourse, progress: number): number {
  const rest = 1 - progress;
  const left = wavering ? rest ** 1.6 + 0.05 * Math.sin(progress * 23) * progress * rest : rest;
  return toSeconds + (fromSeconds - toSeconds) * left;
}
