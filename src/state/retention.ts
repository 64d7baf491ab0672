/*
 * What every store keeps, and how much of its upkeep it does in one call.
 */

const dayMs = 24 * 3_600_000;

/** How long every lag sample is kept, in ms. After this, one stands for those of its {@link bucketMs}. */
export const rawMs = dayMs;
/** How long lag samples are kept, in ms. */
export const keptMs = 30 * dayMs;
/** The span that one older sample stands for, in ms. */
export const bucketMs = 600_000;

/** Calls in which every migration has had its turn: an hour, at one call a second. Each turn writes the pages of many samples anew. */
export const callsPerCycle = 3_600;
/** Rows read or deleted in one call, about: a few ms. */
export const rowsPerCall = 1_000;

/** Events that are kept of each migration, of each project and of the account. */
export const keptEvents = 5_000;
/** Events that one call deletes at most. */
export const deletedPerCall = 500;

/** Requests that are read at once. */
export const requestsAtOnce = 100;
