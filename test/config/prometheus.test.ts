import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { hasPromtool, promtool, unknownMetrics } from './metrics.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

const folder = new URL('../../config/prometheus/', import.meta.url);
const { groups } = parse(readFileSync(new URL('alerts.yaml', folder), 'utf8')) as {
  groups: { rules: Rule[] }[];
};
const alerts = groups.flatMap(({ rules }) => rules).map((rule) => [rule.alert, rule] as const);

describe.each(alerts)('the alert %s', (name, { expr, labels, annotations }) => {
  it('is of a known severity, and says what happened, what that means and what to do', () => {
    expect(['info', 'warning', 'critical']).toContain(labels.severity);
    expect(Object.keys(annotations)).toEqual(['summary', 'description', 'runbook']);
  });

  it('looks at nothing that the watcher does not export', () => {
    expect(unknownMetrics(expr)).toEqual([]);
  });

  it('is raised by a test', () => {
    const tests = readFileSync(new URL('prometheus/alerts.test.yaml', import.meta.url), 'utf8');
    expect(tests).toMatch(new RegExp(`alertname="${name}".*(${labels.severity}|firing)"`));
  });
});

describe.skipIf(!hasPromtool)('promtool (skipped where prometheus is not installed)', () => {
  it('takes the rules and the scrape example', async () => {
    const said = await promtool(
      'check',
      'config',
      '--lint=all',
      '--lint-fatal',
      `${folder.pathname}prometheus.yaml`,
    );
    expect(said).toContain(`SUCCESS: ${alerts.length} rules found`);
  });

  it('raises the alerts when they are due, and only then', async () => {
    const tests = new URL('prometheus/alerts.test.yaml', import.meta.url).pathname;
    expect(await promtool('test', 'rules', tests)).toContain('SUCCESS');
  });
});
