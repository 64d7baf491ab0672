/** Why a planned cutover may fail, in words that follow a colon. Events, page and terminal have the same. */
export const riskWords = {
  deadline: 'the window ends before it',
  estimate: 'the migration is expected to be ready only later',
  stalled: 'its lag has stalled',
  unreachable: "the migration can't be read",
  withdrawn: 'the migration is no longer ready for cutover',
  lag_high: 'its lag is high',
} as const;
