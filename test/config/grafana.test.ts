import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkExpressions, hasPromtool, unknownMetrics } from './metrics.ts';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly datasource: object;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly refId: string; readonly expr: string; readonly datasource: object }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
}

const text = readFileSync(new URL('../../config/grafana/dashboard.json', import.meta.url), 'utf8');
const { panels, templating } = JSON.parse(text) as Dashboard;
const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
const gridColumns = 24;

function overlap({ gridPos: one }: Panel, { gridPos: other }: Panel): boolean {
  const beside = one.x + one.w <= other.x || other.x + other.w <= one.x;
  const below = one.y + one.h <= other.y || other.y + other.h <= one.y;
  return !beside && !below;
}

describe('the dashboard', () => {
  it('has panels that lie side by side, each with an id of its own and a sentence about it', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const [index, panel] of panels.entries()) {
      expect(panel.gridPos.x + panel.gridPos.w, panel.title).toBeLessThanOrEqual(gridColumns);
      expect(panel.description, panel.title).toMatch(/\.$/);
      const covered = panels.slice(index + 1).filter((other) => overlap(panel, other));
      expect(
        covered.map(({ title }) => title),
        panel.title,
      ).toEqual([]);
    }
  });

  it('fits on one screen', () => {
    const rowPixels = 38;
    const rows = Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h));
    expect(rows * rowPixels).toBeLessThanOrEqual(1080);
  });

  it('asks the chosen data source, and about the chosen migrations', () => {
    expect(templating.list).toMatchObject([
      { name: 'datasource', type: 'datasource', query: 'prometheus' },
      { name: 'migration', type: 'query', includeAll: true, multi: true },
    ]);
    const uids = [...text.matchAll(/"uid": "(.*)"/g)].map(([, uid]) => uid);
    expect(new Set(uids)).toEqual(new Set([`\${datasource}`, 'cutover-watch']));
    for (const { title, datasource, targets } of panels)
      expect(
        new Set(
          [datasource, ...targets.map((target) => target.datasource)].map((source) => JSON.stringify(source)),
        ),
        title,
      ).toEqual(new Set(['{"type":"prometheus","uid":"${datasource}"}']));
    for (const expression of expressions)
      for (const [selector] of expression.matchAll(/cutover_watch_migration_\w+\{[^}]*\}/g))
        expect(selector).toMatch(/migration=~"\$migration"|status=~/);
  });

  it('shows every metric about migrations, and none that the watcher does not export', () => {
    expect(expressions.flatMap(unknownMetrics)).toEqual([]);
    for (const name of ['ready', 'status', 'lag_seconds', 'cutover_deadline_timestamp_seconds', 'reachable'])
      expect(expressions.join('\n')).toContain(`cutover_watch_migration_${name}`);
  });

  it.skipIf(!hasPromtool)(
    'has expressions that promtool can parse (skipped where prometheus is not installed)',
    async () => {
      const said = await checkExpressions(
        expressions.map((expression) => expression.replaceAll('$__rate_interval', '5m')),
      );
      expect(said).toContain(`SUCCESS: ${expressions.length} rules found`);
    },
  );
});
