/** What the sign of an event says, in the way of a color. */
export type SignTone = 'ready' | 'good' | 'error' | 'warn' | 'info' | 'quiet';

export interface EventSign {
  readonly sign: string;
  readonly tone: SignTone;
}

const ofLevel: Readonly<Record<string, EventSign>> = {
  debug: { sign: '·', tone: 'quiet' },
  info: { sign: '•', tone: 'info' },
  warn: { sign: '▲', tone: 'warn' },
  error: { sign: '✖', tone: 'error' },
};

const good: EventSign = { sign: '✔', tone: 'good' };
const ofEvent: Readonly<Record<string, EventSign>> = {
  'migration.ready_for_cutover': { sign: '★', tone: 'ready' },
  'migration.lag_recovered': good,
  'migration.completed': good,
  'watcher.recovered': good,
  'watcher.state_recovered': good,
  'watcher.heartbeat': { sign: '♥', tone: 'quiet' },
};

/** Returns the sign of an event for people: its own, or that of its level. */
export function eventSign(event: string, level: string): EventSign {
  return ofEvent[event] ?? ofLevel[level] ?? { sign: '•', tone: 'quiet' };
}
