import type { ServerContext } from './context.ts';
import { json, type Reply } from './reply.ts';

/** Whether the poll loop beats. An outage of Atlas is no reason to say no: a restart would not end it. */
export function livez({ liveness, instance }: ServerContext): Reply {
  const verdict = liveness();
  return json({ ...verdict, instance }, verdict.alive ? 200 : 503);
}

/** Whether every migration has been polled once in this run, so that what the API tells is of now. */
export function readyz({ isRoundDone, watched }: ServerContext): Reply {
  if (isRoundDone()) return json({ ready: true });
  const all = watched();
  const polled = all.filter(({ latest }) => latest !== undefined).length;
  const reason = `The first round is still under way: ${polled} of ${all.length} migrations have been polled.`;
  return json({ ready: false, reason }, 503);
}
