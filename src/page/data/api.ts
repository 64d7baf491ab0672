/** The API answers within this time, or counts as silent. In ms. */
export const silenceMs = 12_000;

/** Returns what the API answers. Throws when it does not answer in time, or answers with an error. */
export async function getJson<Answer>(path: string): Promise<Answer> {
  const reply = await fetch(path, { signal: AbortSignal.timeout(silenceMs) });
  if (!reply.ok) throw new Error(await errorOf(reply));
  return (await reply.json()) as Answer;
}

/** Returns what an error of the API says; a proxy may answer with something else. */
async function errorOf(reply: Response): Promise<string> {
  const { error } = await reply.json().then(
    (body: unknown) => (body ?? {}) as { readonly error?: unknown },
    () => ({ error: undefined }),
  );
  return typeof error === 'string' ? error : `The watcher answered HTTP ${reply.status}.`;
}
