import { utcText } from './times.ts';

/** Returns a new element. Strings become text nodes: no text of this page is parsed as markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function svgElement<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly Node[]
): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Returns an element of the document. Throws when it is missing, which is a bug. */
export function byId<Wanted extends HTMLElement>(id: string, kind: new () => Wanted): Wanted {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`The document has no ${kind.name} with the id ${id}.`);
}

/** Writes only when the text changes, so that a tick over a thousand rows costs little. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node: Element, name: string, value: string): void {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** Shows a moment as this text, with the moment in UTC as its title. Without a moment it shows a dash. */
export function showTime(node: HTMLTimeElement, isoTime: string | undefined, text: string): void {
  if (isoTime === undefined) {
    node.removeAttribute('datetime');
    node.removeAttribute('title');
  } else {
    setAttribute(node, 'datetime', isoTime);
    setAttribute(node, 'title', utcText(isoTime));
  }
  setText(node, isoTime === undefined ? '–' : text);
}

/** Makes these elements the children of `parent`. It moves only those out of place, and keeps the focus. */
export function arrange(parent: Element, wanted: readonly Element[]): void {
  const focused = document.activeElement;
  const keep = new Set(wanted);
  for (const child of Array.from(parent.children)) if (!keep.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of wanted) {
    if (next !== null && next !== child && next.nextElementSibling === child) {
      // One element moves down: removing it is one change, moving all others before it would be many.
      const movedDown = next;
      next = child;
      movedDown.remove();
    }
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
  if (focused instanceof HTMLElement && focused !== document.activeElement && parent.contains(focused))
    focused.focus({ preventScroll: true });
}
