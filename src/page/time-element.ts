import { element, setAttribute, setText } from './dom.ts';
import { utcText } from './times.ts';

export function timeElement(): HTMLTimeElement {
  return element('time');
}

/** Shows a moment as this text; its title is the moment in UTC. Without a moment it shows a dash. */
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
