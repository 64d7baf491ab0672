import type { AtlasError } from './atlas-error.ts';

/** When tokens were requested, in ms since 1970, and the failure of the last request. */
export interface TokenThrottle {
  readonly sentAt: readonly number[];
  readonly failure?: { readonly at: number; readonly pauseMs: number; readonly error: AtlasError };
}

/** Atlas's own limit for one service account ("Generate Service Account Token", Atlas documentation). */
const mostInWindow = 10;
const windowMs = 60_000;
/** A refused client stays refused until a person changes something. */
const refusalPauseMs = 30_000;
const longestPauseMs = 300_000;

export const unthrottled: TokenThrottle = { sentAt: [] };

/** Returns the wait before the next token request, in ms; 0 if it may be sent now. */
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

/** Returns the throttle after a token request was sent. */
export function afterSending({ sentAt }: TokenThrottle, now: number): TokenThrottle {
  return { sentAt: [...sentAt.slice(1 - mostInWindow), now] };
}

/** Returns the throttle after the latest request failed. A refusal or a `Retry-After` delays the next request. */
export function afterFailure({ sentAt }: TokenThrottle, error: AtlasError, now: number): TokenThrottle {
  const pauseMs = error.kind === 'unauthorized' ? refusalPauseMs : (error.retryAfterMs ?? 0);
  return { sentAt, failure: { at: now, pauseMs: Math.min(pauseMs, longestPauseMs), error } };
}

/** A time in the future was recorded before the clock was set back, and is ignored. */
function isWithin(at: number, spanMs: number, now: number): boolean {
  return at <= now && now - at < spanMs;
}
