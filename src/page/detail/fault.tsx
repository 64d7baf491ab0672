import type { VNode } from 'preact';

interface FaultProps {
  /** What could not be loaded. */
  readonly what: string;
  /** Why, in a sentence. */
  readonly fault: string;
  readonly onRetry: () => void;
}

/** Says that something could not be loaded, and why, and offers to try again. */
export function Fault({ what, fault, onRetry }: FaultProps): VNode {
  return (
    <p class="fault" role="alert">
      Couldn't load {what}. {fault}{' '}
      <button type="button" class="small" onClick={onRetry}>
        Retry
      </button>
    </p>
  );
}
