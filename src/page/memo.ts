import { Component, type ComponentChildren, createElement, type FunctionComponent } from 'preact';

/**
 * Returns the component so that it is drawn again only when its properties change. `isSame` decides that; otherwise
 * one property must be another one.
 */
export function memo<Props extends object>(
  drawn: FunctionComponent<Props>,
  isSame: (former: Readonly<Props>, next: Readonly<Props>) => boolean = areEqual,
): FunctionComponent<Props> {
  class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Readonly<Props>): boolean {
      return !isSame(this.props, next);
    }

    override render(): ComponentChildren {
      return createElement(drawn, this.props);
    }
  }
  return Memo as unknown as FunctionComponent<Props>;
}

function areEqual<Props extends object>(former: Props, next: Props): boolean {
  const names = Object.keys({ ...former, ...next }) as (keyof Props)[];
  return names.every((name) => former[name] === next[name]);
}
