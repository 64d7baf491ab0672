import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** The button shows its result for this long. In ms. */
const resultMs = 2_000;

interface CopyableProps {
  /** What the text is, in words. */
  readonly label: string;
  readonly text: string;
}

/** An id with a button that copies it. Where the browser refuses that, the button selects the id. */
export function Copyable({ label, text }: CopyableProps): VNode {
  const code = useRef<HTMLElement>(null);
  const [result, setResult] = useState<'Copied' | 'Selected' | undefined>();
  const [announcement, setAnnouncement] = useState('');
  useEffect(() => {
    if (result === undefined) return;
    setAnnouncement(`${label} ${result.toLowerCase()}`);
    const timer = setTimeout(() => setResult(undefined), resultMs);
    return () => clearTimeout(timer);
  }, [label, result]);
  return (
    <span class="copyable">
      <code ref={code}>{text}</code>
      <button
        type="button"
        class="small"
        aria-label={`Copy ${label}`}
        onClick={() =>
          void copy(text, code.current).then((isCopied) => setResult(isCopied ? 'Copied' : 'Selected'))
        }
      >
        {result ?? 'Copy'}
      </button>
      <span class="visually-hidden" role="status">
        {announcement}
      </span>
    </span>
  );
}

/**
 * Returns whether the text is in the clipboard; otherwise it stays selected. Over plain http there is no
 * `navigator.clipboard`, but what is selected can be copied there, too.
 */
async function copy(text: string, code: Node | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const selection = getSelection();
    if (code === null || selection === null) return false;
    selection.selectAllChildren(code);
    if (!document.execCommand('copy')) return false;
    selection.removeAllRanges();
    return true;
  }
}
