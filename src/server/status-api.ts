import { headline, utcTimes } from '../watch/headline.ts';
import { isoTime } from '../watch/migration/event-draft.ts';
import { type Urgency, urgencyOf } from '../watch/migration/urgency.ts';
import { headlineFacts } from '../watch/standing.ts';
import { nearestDeadline } from '../watch/watcher-events.ts';
import type { ServerContext } from './context.ts';
import { checkParameters } from './query.ts';
import { json, type Reply } from './reply.ts';
import type { RouteRequest } from './router.ts';
import { watcherView } from './watcher-view.ts';

/** `GET /api/status`: the headline and its parts. */
export function status(context: ServerContext, { query }: RouteRequest): Reply {
  checkParameters(query, []);
  const { watch } = context;
  const now = context.now();
  const { policyOf, credential } = watch.settings();
  const snapshots = watch.snapshots();
  const role = watch.role();
  const facts = headlineFacts(snapshots, watch.liveness(), credential, now, policyOf, role);
  const { text, tone } = headline(facts, now, utcTimes(now));
  const standings: Partial<Record<Urgency, number>> = {};
  for (const migration of facts.migrations) {
    const urgency = urgencyOf(migration, now);
    standings[urgency] = (standings[urgency] ?? 0) + 1;
  }
  const { notifications, role: name, lease, ...watcher } = watcherView(context);
  const remainingSeconds = Math.max(0, Math.round((role.lease?.remainingMs ?? 0) / 1000));
  const deadline = nearestDeadline(snapshots, policyOf);
  return json({
    headline: text,
    tone,
    role: name,
    ...(lease !== undefined && { lease: { ...lease, remainingSeconds } }),
    migrations: snapshots.length,
    standings,
    ...(deadline !== undefined && { nextDeadline: isoTime(deadline) }),
    watcher,
    ...(notifications !== undefined && { notifications }),
  });
}
