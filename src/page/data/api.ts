import type { EventRecord } from '../../events/event-record.ts';
import type { List } from '../state.ts';

/** The API answers within this time, or counts as silent. In ms. */
export const silenceMs = 12_000;

/** Returns what the API answers. Throws when it does not answer in time, or answers with an error. */
export async function getJson<Answer>(path: string): Promise<Answer> {
  return (await answerOf(await get(path))) as Answer;
}

/** A list, and the entity tag by which the API knows what this page has. */
export interface TaggedList {
  readonly list: List;
  readonly tag: string | undefined;
}

/** Returns the list; undefined where it is the one with this tag. */
export async function getList(tag: string | undefined): Promise<TaggedList | undefined> {
  const reply = await get('api/migrations', tag);
  if (reply.status === 304) return undefined;
  return { list: (await answerOf(reply)) as List, tag: reply.headers.get('etag') ?? undefined };
}

/** As many of the latest events are loaded at first. */
const loadedEvents = 100;

interface EventPage {
  readonly events: readonly EventRecord[];
  /** Whether there are events after these. */
  readonly more: boolean;
}

/**
 * Returns the recorded events after the one with this id, oldest first; the latest ones without an id, where it is no
 * longer recorded, or where too many follow it.
 */
export async function getEvents(after: string | undefined): Promise<readonly EventRecord[]> {
  if (after !== undefined) {
    const reply = await get(`api/events?after=${encodeURIComponent(after)}&limit=1000`);
    if (reply.status !== 404) {
      const { events, more } = (await answerOf(reply)) as EventPage;
      if (!more) return events;
    }
  }
  return (await getJson<EventPage>(`api/events?last=${loadedEvents}`)).events;
}

function get(path: string, tag?: string): Promise<Response> {
  return fetch(path, {
    signal: AbortSignal.timeout(silenceMs),
    cache: 'no-store',
    ...(tag !== undefined && { headers: { 'if-none-match': tag } }),
  });
}

async function answerOf(reply: Response): Promise<unknown> {
  if (!reply.ok) throw new Error(await errorOf(reply));
  return reply.json();
}

/** Returns what an error of the API says; a proxy may answer with something else. */
async function errorOf(reply: Response): Promise<string> {
  const { error } = await reply.json().then(
    (body: unknown) => (body ?? {}) as { readonly error?: unknown },
    () => ({ error: undefined }),
  );
  return typeof error === 'string' ? error : `The watcher answered HTTP ${reply.status}.`;
}
