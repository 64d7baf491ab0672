import type { VNode } from 'preact';
import type { MigrationView } from '../server/migration-view.ts';
import { type Status, statuses, statusOf, statusWord } from './status.ts';

/** Variation selector 15 (Unicode): shows a sign as text where a system would show an emoji. */
const asText = '\uFE0E';

/** A sign, which screen readers skip: a word is beside it. */
export function Sign({ sign }: { readonly sign: string }): VNode {
  return (
    <span class="sign" aria-hidden="true">
      {sign + asText}
    </span>
  );
}

export function StatusSign({ status }: { readonly status: Status }): VNode {
  return <Sign sign={statuses[status].sign} />;
}

interface BadgeProps {
  readonly view: MigrationView;
  /** Milliseconds since 1970, by the watcher's clock. */
  readonly now: number;
}

/** Shows a status by color, sign and word. */
export function Badge({ view, now }: BadgeProps): VNode {
  const status = statusOf(view, now);
  return (
    <span class="badge" data-status={status}>
      <StatusSign status={status} />
      <span>{statusWord(view, now)}</span>
    </span>
  );
}
