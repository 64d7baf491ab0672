import type { VNode } from 'preact';
import { utcText } from './times.ts';

interface MomentProps {
  /** ISO 8601; undefined where it is unknown. */
  readonly at: string | undefined;
  readonly text: string;
}

/** Shows a moment as this text, with the moment in UTC as its title. Without a moment it shows a dash. */
export function Moment({ at, text }: MomentProps): VNode {
  if (at === undefined) return <time>–</time>;
  return (
    <time dateTime={at} title={utcText(at)}>
      {text}
    </time>
  );
}
