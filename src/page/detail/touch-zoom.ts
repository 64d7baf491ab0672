import type uPlot from 'uplot';
import type { TimeWindow } from './plot-window.ts';

/** A narrower movement is a tap, not a drag. In px. */
const leastWidth = 10;

/** Lets a finger or a pen select a time, as the mouse does. Only horizontal drags: vertical ones scroll the page. */
export function zoomByTouch(plot: uPlot, onSelect: (selection: TimeWindow) => void): void {
  const { over } = plot;
  let began: number | undefined;

  const positionOf = ({ clientX }: PointerEvent): number => {
    const { left, width } = over.getBoundingClientRect();
    return Math.min(Math.max(clientX - left, 0), width);
  };
  const select = (left: number, width: number): void =>
    plot.setSelect({ left, width, top: 0, height: over.clientHeight }, false);

  over.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'mouse' || !event.isPrimary) return;
    began = positionOf(event);
    over.setPointerCapture(event.pointerId);
  });
  over.addEventListener('pointermove', (event) => {
    if (began === undefined) return;
    const at = positionOf(event);
    select(Math.min(began, at), Math.abs(at - began));
  });
  over.addEventListener('pointerup', (event) => {
    if (began === undefined) return;
    const [first, last] = [began, positionOf(event)].toSorted((one, other) => one - other);
    began = undefined;
    select(0, 0);
    if (first === undefined || last === undefined || last - first < leastWidth) return;
    onSelect({ from: plot.posToVal(first, 'x'), to: plot.posToVal(last, 'x') });
  });
  over.addEventListener('pointercancel', () => {
    began = undefined;
    select(0, 0);
  });
}
