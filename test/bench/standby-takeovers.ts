import type { Evidence } from './standby-run.ts';

/** How long nobody polled after the active watcher ended. */
export interface Takeover {
  readonly what: string;
  readonly kind: 'crash' | 'stop';
  /** From the signal to the first poll, in ms. */
  readonly ms: number;
  /** Whether another fault kept the other one from taking over. */
  readonly isDisturbed: boolean;
  readonly isLate: boolean;
}

/** A poll that was under way when its process was killed may arrive so much later, in ms. */
const underWayMs = 30;
const toleranceMs = 2_000;
/** Harms without effects once they are over. */
const brief = new Set(['clock', 'atlas']);

/** Returns what followed each end of an active watcher. */
export function takeoversOf({ faults, course, audit, leaseMs }: Evidence): readonly Takeover[] {
  return faults
    .filter(({ name, role }) => role === 'active' && /^SIG(?:KILL|TERM)/.test(name))
    .flatMap((fault): Takeover[] => {
      const kind = fault.name.startsWith('SIGKILL') ? 'crash' : 'stop';
      const endedAt = fault.from;
      // A stop lets polls end.
      const taken = audit.taken.find(({ at }) => at > endedAt);
      const after = kind === 'crash' ? endedAt + underWayMs : (taken?.at ?? endedAt);
      const next = course.polls.find(({ at, asker }) => asker !== 'single' && at > after);
      const holder = audit.taken.findLast(({ at }) => at < endedAt);
      if (next === undefined || holder?.run.startsWith(fault.asker ?? '') !== true) return [];
      const ms = next.at - endedAt;
      const isDisturbed = faults.some(
        (other) =>
          other !== fault &&
          other.from < next.at &&
          // What ended within a lease before may still have its effects.
          other.to > endedAt - (brief.has(other.harm) ? 0 : leaseMs) &&
          !(brief.has(other.harm) && other.asker === fault.asker),
      );
      const limit = toleranceMs + (kind === 'crash' ? leaseMs : 0);
      return [{ what: fault.name, kind, ms, isDisturbed, isLate: !isDisturbed && ms > limit }];
    });
}
