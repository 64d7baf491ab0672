import { element, setText } from './dom.ts';

/** The button shows its result for this long. In ms. */
const resultMs = 2_000;

/** Returns an id with a button that copies it. Where the page may not use the clipboard, the button selects the id. */
export function copyable(label: string, text: string): HTMLElement {
  const code = element('code', {}, text);
  const button = element('button', { type: 'button', class: 'small', 'aria-label': `Copy ${label}` }, 'Copy');
  const announcement = element('span', { class: 'visually-hidden', role: 'status' });
  button.addEventListener('click', () => void copyAndAnnounce());
  return element('span', { class: 'copyable' }, code, button, announcement);

  async function copyAndAnnounce(): Promise<void> {
    const isCopied = await copy(text, code);
    setText(button, isCopied ? 'Copied' : 'Selected');
    setText(announcement, `${label} ${isCopied ? 'copied' : 'selected'}`);
    setTimeout(() => setText(button, 'Copy'), resultMs);
  }
}

/** Returns whether the text is in the clipboard; otherwise selects it. */
async function copy(text: string, code: Node): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(code);
    return false;
  }
}
