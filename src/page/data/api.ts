/** The API answers within this time, or counts as silent. In ms. */
export const silenceMs = 12_000;

/** Returns what the API answers. Throws when it does not answer in time, or answers with an error. */
export async function getJson<Answer>(path: string): Promise<Answer> {
  const reply = await fetch(path, { signal: AbortSignal.timeout(silenceMs) });
  if (!reply.ok) throw new Error(`${path}: HTTP ${reply.status}.`);
  return (await reply.json()) as Answer;
}
