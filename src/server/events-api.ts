import type { ServerContext } from './context.ts';
import { readCount, refuseUnknown } from './query.ts';
import { json, type Reply, refusal } from './reply.ts';

const atOnce = { most: 1_000, usual: 100 };

/**
 * The recorded events, oldest first: those after the one with the id `after`, or all from the first on; with `last`,
 * the latest ones. `next` is what to give as `after` to go on, and `more` whether there is anything already.
 */
export function listEvents({ store, publicRecord }: ServerContext, query: URLSearchParams): Reply {
  const unknown = refuseUnknown(query, ['after', 'limit', 'last']);
  if (unknown !== undefined) return unknown;
  const after = query.get('after') || undefined;
  const limit = readCount(query, 'limit', atOnce);
  if (!limit.ok) return limit.reply;
  const last = readCount(query, 'last', atOnce);
  if (!last.ok) return last.reply;
  if (query.has('last') && (query.has('after') || query.has('limit')))
    return refusal(400, 'Leave out after and limit where last is given: the latest events are one page.');

  const found = query.has('last')
    ? store.latestEvents(last.value)
    : store.eventsAfter(after, limit.value + 1);
  if (found === undefined)
    return refusal(
      404,
      'No event with the id in after is recorded: the state file may be another one by now. Begin anew without after.',
    );
  const page = query.has('last') ? found : found.slice(0, limit.value);
  const next = page.at(-1)?.eventId ?? after;
  return json({
    events: page.map(publicRecord),
    ...(next !== undefined && { next }),
    more: found.length > page.length,
  });
}
