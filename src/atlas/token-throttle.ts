import type { AtlasError } from './atlas-error.ts';

/** When tokens were asked for, and how the last request failed, if it did. */
export interface TokenThrottle {
  readonly sentAt: readonly number[];
  readonly failure?: { readonly at: number; readonly pauseMs: number; readonly error: AtlasError };
}

/** Atlas's own limit for one service account ("Generate Service Account Token", Atlas documentation). */
const mostInWindow = 10;
const windowMs = 60_000;
/** A refused client will be refused again: the answer only changes when a person does something. */
const refusalPauseMs = 30_000;
const longestPauseMs = 300_000;

export const unthrottled: TokenThrottle = { sentAt: [] };

/** Returns how long the next token request has to wait, in ms; 0 when it may be sent. */
export function tokenWaitMs({ sentAt, failure }: TokenThrottle, now: number): number {
  const recent = sentAt.filter((at) => isWithin(at, windowMs, now));
  const [oldest] = recent.slice(-mostInWindow);
  const windowWaitMs = oldest === undefined || recent.length < mostInWindow ? 0 : oldest + windowMs - now;
  const pauseLeftMs =
    failure !== undefined && isWithin(failure.at, failure.pauseMs, now)
      ? failure.at + failure.pauseMs - now
      : 0;
  return Math.max(windowWaitMs, pauseLeftMs);
}

/** Returns the pace after a token request was sent. */
export function afterSending({ sentAt }: TokenThrottle, now: number): TokenThrottle {
  return { sentAt: [...sentAt.slice(1 - mostInWindow), now] };
}

/** Returns the pace after the request sent last failed: a refusal and a `Retry-After` make the next one wait. */
export function afterFailure({ sentAt }: TokenThrottle, error: AtlasError, now: number): TokenThrottle {
  const pauseMs = error.kind === 'unauthorized' ? refusalPauseMs : (error.retryAfterMs ?? 0);
  return { sentAt, failure: { at: now, pauseMs: Math.min(pauseMs, longestPauseMs), error } };
}

/** A moment that lies ahead was noted before the clock was set back, and says nothing any more. */
function isWithin(at: number, spanMs: number, now: number): boolean {
  return at <= now && now - at < spanMs;
}
