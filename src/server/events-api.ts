import type { ServerContext } from './context.ts';
import { checkParameters, readCount } from './query.ts';
import { HttpError, json, type Reply } from './reply.ts';
import type { RouteRequest } from './router.ts';
import { shownEvent } from './shown-event.ts';

const pageSize = { max: 1_000, fallback: 100 };

/**
 * `GET /api/events`: the recorded events, oldest first: those after the event id `after`, or from the first one on; with
 * `last`, the latest ones. `next` is the `after` of the following page, and `more` whether it has events already.
 */
export async function listEvents(context: ServerContext, { query }: RouteRequest): Promise<Reply> {
  const { store } = context;
  checkParameters(query, ['after', 'limit', 'last']);
  const after = query.get('after') || undefined;
  const limit = readCount(query, 'limit', pageSize);
  const last = query.has('last') ? readCount(query, 'last', pageSize) : undefined;
  if (last !== undefined && (query.has('after') || query.has('limit')))
    throw new HttpError(
      400,
      'Leave out after and limit where last is given: the latest events are one page.',
    );

  const found = await (last === undefined ? store.eventsAfter(after, limit + 1) : store.latestEvents(last));
  if (found === undefined)
    throw new HttpError(
      404,
      'No event with the id in after is recorded; the state may have been replaced. Start again without after.',
    );
  const page = found.slice(0, last ?? limit);
  const next = page.at(-1)?.eventId ?? after;
  return json({
    events: page.map((record) => shownEvent(record, context)),
    ...(next !== undefined && { next }),
    more: found.length > page.length,
  });
}
