import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Lane, LaneMark, MarkName } from '../../watch/migration/lane.ts';
import { laneMarks } from '../../watch/migration/lane.ts';
import { laneWords } from '../../watch/words.ts';
import { memo } from '../memo.ts';

interface LaneProps {
  readonly lane: Lane;
  /** What the lane shows, in words. */
  readonly text: string;
  /** When the window ends, for people. */
  readonly windowEnd?: string | undefined;
}

/** Draws the past and the future of one migration, or the past of the watcher. */
export const LaneDrawing = memo(({ lane, text, windowEnd }: LaneProps) => {
  const marks = useMemo(() => laneMarks(lane), [lane]);
  return (
    <div class="marks" role="img" aria-label={text} title={text.replaceAll('; ', '\n')}>
      {marks.map((mark, index) => {
        const word =
          mark.name === 'window' && windowEnd !== undefined ? `until ${windowEnd}` : laneWords[mark.name];
        const wordAt = placeOfWord(mark, widthOf(word), marks.slice(index + 1));
        return <Mark key={`${mark.name} ${mark.from}`} mark={mark} word={word} wordAt={wordAt} />;
      })}
    </div>
  );
});

interface MarkProps {
  readonly mark: LaneMark;
  readonly word: string;
  /** Where the word begins, in per cent of the lane; undefined where there is no room for it. */
  readonly wordAt: number | undefined;
}

function Mark({ mark: { className, x, width, goesOn }, word, wordAt }: MarkProps): VNode {
  const place = width === 0 ? { left: `${x}%` } : { left: `${x}%`, width: `${width}%` };
  return (
    <span class={`mark ${className}${goesOn ? ' goes-on' : ''}`} style={place}>
      {wordAt !== undefined && (
        <span class="word" style={{ left: `${((wordAt - x) / width) * 100}%` }}>
          {word}
        </span>
      )}
    </span>
  );
}

const withoutWord: ReadonlySet<MarkName> = new Set(['watching', 'estimate', 'now', 'window_end', 'planned']);
/** A word takes about so much room, in per cent of the lane. */
function widthOf(word: string): number {
  return 3 + 1.15 * word.length;
}

/** Returns the first place in a mark that has room for its word and is not covered by the marks above it. */
function placeOfWord(
  { name, x, width }: LaneMark,
  wordWidth: number,
  above: readonly LaneMark[],
): number | undefined {
  if (withoutWord.has(name)) return undefined;
  const covers = above.filter((each) => each.width > 0).toSorted((one, other) => one.x - other.x);
  let from = x;
  for (const cover of covers) {
    if (cover.x + cover.width <= from) continue;
    if (cover.x - from >= wordWidth) break;
    from = cover.x + cover.width;
  }
  return x + width - from >= wordWidth ? from : undefined;
}
