/** Phases and gaps have the colors that they have on the page. */
const light = `--ground: #fff; --ink: #1c2430; --faint: #5b6676; --rule: #dfe4ea; --card: #f6f8fa; --line: #0b62c4;
  --waiting: #e3e7ec; --copy: #cdd7e4; --catch: #b4d7f8; --ready: #ffcd5c; --cutover: #c3e4dd; --unread: #8a3fb4;
  --good: #17733a; --bad: #b3261e; --warn: #8a5a00; --stall: #f28a36; --unwatched: #5c6878;`;

const dark = `--ground: #11161d; --ink: #e4e9ef; --faint: #9aa6b4; --rule: #2b3541; --card: #19212b; --line: #62a8f7;
  --waiting: #2b3440; --copy: #35475e; --catch: #1b5286; --ready: #8a6410; --cutover: #1d5a50; --unread: #c58be6;
  --good: #63d18a; --bad: #ff8a80; --warn: #f0bd57; --stall: #d9731f; --unwatched: #97a4b5;`;

/** Light or dark as the reader's system prefers, and light on paper. */
export const style = `
:root { color-scheme: light dark; ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.5rem; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, 'Segoe UI', 'Liberation Sans', sans-serif; overflow-wrap: anywhere; }
h1, h2 { line-height: 1.25; margin: 0 0 1rem; }
h1 { font-size: 1.6rem; }
h2 { font-size: 1.4rem; }
h3 { font-size: 1.05rem; margin: 2rem 0 .6rem; }
a { color: var(--line); }
article + article, .overview + article { margin-top: 3rem; border-top: 1px solid var(--rule); padding-top: 2rem; }
.outcome { font-size: .8rem; font-weight: 600; vertical-align: middle; margin-left: .6rem; padding: .2rem .6rem;
  border: 1px solid; border-radius: 1rem; white-space: nowrap; }
.good { color: var(--good); }
.bad, .error { color: var(--bad); }
.open { color: var(--warn); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.5rem; margin: 0; padding: 1rem 1.2rem;
  background: var(--card); border: 1px solid var(--rule); border-radius: .5rem; }
dt { color: var(--faint); }
dd { margin: 0; }
dd:first-of-type { font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .35rem 1rem .35rem 0; border-bottom: 1px solid var(--rule); }
th { color: var(--faint); font-weight: 600; font-size: .85rem; white-space: nowrap; }
td { min-width: 12rem; }
td:not(.short) { width: 100%; }
td.short { min-width: 0; white-space: nowrap; }
td:has(> .sign) { padding-right: .5rem; }
figure { margin: 0; }
figcaption, footer { color: var(--faint); font-size: .85rem; }
footer { margin-top: 3rem; border-top: 1px solid var(--rule); padding-top: .8rem; }
svg { display: block; width: 100%; height: auto; }
.grid { stroke: var(--rule); }
.tick-line { stroke: var(--faint); }
.tick { fill: var(--faint); font-size: 12px; }
.lag { fill: none; stroke: var(--line); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.phase-name { fill: var(--ink); font-size: 12px; }
.area { opacity: .25; }
.unread { fill: var(--unread); }
.unwatched { fill: var(--unwatched); }
.line, .edge { stroke: var(--ink); stroke-width: 1.5; }
.edge { stroke-width: 1; stroke-dasharray: 2 3; }
.edge-sign { fill: var(--ink); font-size: 12px; }
.now { stroke-dasharray: 4 3; }
.window-end { stroke: var(--bad); stroke-width: 2; }
.line.planned { stroke-dasharray: 1 3; stroke-width: 2; }
.waiting { fill: var(--waiting); background: var(--waiting); }
.initial_copy, .copying { fill: var(--copy); background: var(--copy); }
.catching_up { fill: var(--catch); background: var(--catch); }
.phase.ready, .area.ready, .swatch.ready { fill: var(--ready); background: var(--ready); }
.cutover { fill: var(--cutover); background: var(--cutover); }
.window { fill: var(--ready); fill-opacity: .45; background: var(--ready); opacity: .6; }
.overdue { fill: var(--bad); background: var(--bad); opacity: .5; }
.stalled { fill: var(--stall); background: var(--stall); }
.swatch.stalled { opacity: .4; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; margin: .4rem 0 .2rem; padding: 0;
  font-size: .85rem; }
.swatch { display: inline-block; width: 1.2em; height: .8em; margin-right: .4em; vertical-align: baseline; }
.swatch.unreadable { background: repeating-linear-gradient(135deg, var(--unread) 0 2px, transparent 2px 5px); }
.swatch.not_watched { background: repeating-linear-gradient(45deg, var(--unwatched) 0 2px, transparent 2px 5px); }
.swatch.now, .swatch.window_end { width: 0; border-left: 2px solid var(--bad); }
.swatch.now { border-left: 2px dashed var(--ink); }
.swatch.planned { width: 0; border-left: 2px dotted var(--ink); }
.sign.ready, .sign.warn { color: var(--warn); }
.sign.info, .sign.quiet { color: var(--faint); }
summary { cursor: pointer; }
details ul { margin: .3rem 0; padding-left: 1.2rem; color: var(--faint); font-size: .9rem; }
@media (max-width: 40rem) {
  body { padding: 1rem; }
  dl { display: block; }
  dd { margin-bottom: .5rem; }
  .scroll svg { min-width: 36rem; }
}
@media print {
  :root { color-scheme: light; font-size: 9pt; ${light} }
  body { font-size: 9pt; line-height: 1.4; max-width: none; padding: 0; }
  article + article, .overview + article { break-before: page; border: 0; padding: 0; }
  h3 { break-after: avoid; margin: 1.3rem 0 .4rem; }
  dl { gap: .1rem 1.5rem; padding: .6rem 1rem; }
  footer { margin-top: 1.3rem; }
  figure, tr { break-inside: avoid; }
  .scroll { overflow: visible; }
  th, td { padding: .2rem .6rem .2rem 0; }
  summary { list-style: none; }
  td { min-width: 6rem; }
  svg *, .swatch { print-color-adjust: exact; }
}
`;
