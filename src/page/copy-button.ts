import { element, setText } from './dom.ts';

const thanksMs = 2_000;

/** Returns an id with a button that copies it. Where the browser has no clipboard for this page, the id is selected. */
export function copyable(label: string, text: string): HTMLElement {
  const code = element('code', {}, text);
  const button = element('button', { type: 'button', class: 'small', 'aria-label': `Copy ${label}` }, 'Copy');
  const said = element('span', { class: 'unseen', role: 'status' });
  button.addEventListener('click', () => void copyAndSay());
  return element('span', { class: 'copyable' }, code, button, said);

  async function copyAndSay(): Promise<void> {
    const done = await copy(text, code);
    setText(button, done ? 'Copied' : 'Selected');
    setText(said, `${label} ${done ? 'copied' : 'selected'}`);
    setTimeout(() => setText(button, 'Copy'), thanksMs);
  }
}

async function copy(text: string, code: Node): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(code);
    return false;
  }
}
