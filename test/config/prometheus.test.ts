import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from '../e2e/program.ts';
import { hasPromtool, promtool, unknownMetrics } from './metrics.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly keep_firing_for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

const folder = new URL('../../config/prometheus/', import.meta.url);
const { groups } = parse(readFileSync(new URL('alerts.yaml', folder), 'utf8')) as {
  groups: { rules: Rule[] }[];
};
const alerts = groups.flatMap(({ rules }) => rules).map((rule) => [rule.alert, rule] as const);

describe.each(alerts)('the alert %s', (name, { expr, keep_firing_for: kept, labels, annotations }) => {
  it('is of a known severity, and says what happened, what that means and what to do', () => {
    expect(['info', 'warning', 'critical']).toContain(labels.severity);
    expect(Object.keys(annotations)).toEqual(['summary', 'description', 'runbook']);
  });

  it('goes on over a missed scrape or an upgrade where it is critical, unless it is about what is missing', () => {
    if (labels.severity === 'critical' && !expr.startsWith('absent(')) expect(kept).toBe('15m');
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

  it('takes the job for pods in place of the one for an address', async () => {
    const own = temporaryFolder();
    copyFileSync(new URL('alerts.yaml', folder), join(own, 'alerts.yaml'));
    const example = readFileSync(new URL('prometheus.yaml', folder), 'utf8');
    const start = example.indexOf('  - job_name:');
    const pods = [...example.matchAll(/^ {2}#([- ] .*)$/gm)].map(([, line]) => `  ${line}\n`).join('');
    const file = join(own, 'prometheus.yaml');
    writeFileSync(file, `${example.slice(0, start)}${pods}`);
    const { scrape_configs: jobs } = parse(readFileSync(file, 'utf8'));
    expect(jobs).toMatchObject([
      { job_name: 'cutover-watch', kubernetes_sd_configs: [{ role: 'pod' }], relabel_configs: [{}, {}, {}] },
    ]);
    // Debian builds promtool without this way to find targets; all else of the job is checked.
    const known = 'static_configs: [{ targets: [a] }]';
    writeFileSync(file, `${example.slice(0, start)}${pods.replace(/kubernetes_sd_configs:\n.*/, known)}`);
    expect(await promtool('check', 'config', '--lint=all', '--lint-fatal', file)).toContain('SUCCESS');
  });

  it('raises the alerts when they are due, and only then', async () => {
    const tests = new URL('prometheus/alerts.test.yaml', import.meta.url).pathname;
    expect(await promtool('test', 'rules', tests)).toContain('SUCCESS');
  });
});
