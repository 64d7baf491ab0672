/** How a migration has ended, by what Atlas or the watcher calls it. Page, terminal, log and report use these words. */
const words: Readonly<Record<string, string>> = {
  COMPLETE: 'complete',
  FAILED: 'failed',
  EXPIRED: 'expired',
  DISAPPEARED: 'no longer in Atlas',
};

/** Returns the word for an end, as it stands within a sentence; undefined for what is none. */
export function endWord(settlement: string | undefined): string | undefined {
  return settlement === undefined ? undefined : words[settlement];
}
