import { addressOf, type Route } from './route.ts';

/** What an entry of the history knows besides its address. */
interface Entry {
  /** Of a detail: how many entries before it the list is. */
  readonly listBefore?: number;
  /** Of the list that was left for a detail: how far it was scrolled, the link that led there, and where that was. */
  readonly scrollY?: number;
  readonly link?: string;
  readonly linkTop?: number;
}

/** Returns what the present entry of the history knows. */
function entry(): Entry {
  return (history.state ?? {}) as Entry;
}

/** Adds an entry for another route. A list remembers its place, and a detail where the list is. */
export function pushEntry(from: Route, to: Route, link: HTMLAnchorElement | undefined): void {
  const { listBefore } = entry();
  let next: Entry = {};
  if (from.migration === undefined) {
    const place = link && { link: link.getAttribute('href'), linkTop: link.getBoundingClientRect().top };
    history.replaceState({ ...entry(), scrollY, ...place }, '');
    if (to.migration !== undefined) next = { listBefore: 1 };
  } else if (listBefore !== undefined && to.migration !== undefined) next = { listBefore: listBefore + 1 };
  history.pushState(next, '', addressOf(to));
}

/** Goes back to the list that a detail was opened from. Returns false where there was none before it. */
export function goBackToList(): boolean {
  const { listBefore } = entry();
  if (listBefore === undefined) return false;
  history.go(-listBefore);
  return true;
}

/** So many frames later the rows around have the height that they had. */
const settlingFrames = 3;

/** Shows the list where it was left: the link that led away has the focus, and is where it was on the screen. */
export function restoreList(list: ParentNode): void {
  const { scrollY: top = 0, link, linkTop } = entry();
  const left = link === undefined ? null : list.querySelector<HTMLElement>(`a[href="${CSS.escape(link)}"]`);
  (left ?? document.getElementById('content'))?.focus({ preventScroll: true });
  scrollTo({ top, behavior: 'instant' });
  if (left === null || linkTop === undefined) return;
  const settle = (frames: number): void => {
    scrollBy({ top: left.getBoundingClientRect().top - linkTop, behavior: 'instant' });
    if (frames > 0) requestAnimationFrame(() => settle(frames - 1));
  };
  settle(settlingFrames);
}
