/** The largest lag to wait for, and on how many polls in a row the lag was within it. */
export interface LagLimit {
  readonly seconds: number;
  readonly polls: number;
}

/** A single low lag may be a lucky moment. */
const enoughPolls = 2;

/** Returns the limit after one more poll; `lag` in seconds, undefined if the poll failed or showed none. */
export function afterPoll({ seconds, polls }: LagLimit, lag: number | undefined): LagLimit {
  return { seconds, polls: lag !== undefined && lag <= seconds ? polls + 1 : 0 };
}

/** Returns whether the lag is low enough; also where there is no limit. */
export function isWithin(limit: LagLimit | undefined): boolean {
  return limit === undefined || limit.polls >= enoughPolls;
}
