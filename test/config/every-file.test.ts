import { readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);

/** The test that loads, lints or executes each file that users copy or read: its name is in the code of that test. */
const checkedBy: Readonly<Record<string, string>> = {
  'README.md': 'test/generated.test.ts',
  'container.md': 'test/config/container.test.ts',
  'cutover-watch.1': 'test/cli/man-page.test.ts',
  'cutover-watch.example.yaml': 'test/config/example.test.ts',
  'cutover-watch.schema.json': 'test/generated.test.ts',
  'events.md': 'test/generated.test.ts',
  'events.schema.json': 'test/generated.test.ts',
  'grafana/dashboard.json': 'test/config/grafana.test.ts',
  'http.md': 'test/config/http-page.test.ts',
  'notifications.md': 'test/config/notifications-page.test.ts',
  'operator.md': 'test/config/operator-page.test.ts',
  'kubernetes/README.md': 'test/links.test.ts',
  'kubernetes/deployment.yaml': 'test/config/kubernetes.test.ts',
  'kubernetes/pod-monitor.yaml': 'test/config/kubernetes.test.ts',
  'kubernetes/sidecar.yaml': 'test/config/kubernetes.test.ts',
  'kubernetes/standby.yaml': 'test/config/kubernetes.test.ts',
  'log-shipping/README.md': 'test/config/log-shipping.test.ts',
  'log-shipping/alloy.alloy': 'test/config/log-shipping.test.ts',
  'log-shipping/cloudwatch-agent.json': 'test/config/log-shipping.test.ts',
  'log-shipping/datadog-pipeline.json': 'test/config/log-shipping.test.ts',
  'log-shipping/datadog.yaml': 'test/config/log-shipping.test.ts',
  'log-shipping/fluent-bit.yaml': 'test/config/log-shipping.test.ts',
  'log-shipping/otel-collector.yaml': 'test/config/log-shipping.test.ts',
  'log-shipping/rsyslog-logrotate.conf': 'test/config/rsyslog.test.ts',
  'log-shipping/rsyslog.conf': 'test/config/rsyslog.test.ts',
  'log-shipping/vector.yaml': 'test/config/log-shipping.test.ts',
  'migrations.schema.json': 'test/generated.test.ts',
  'prometheus/README.md': 'test/links.test.ts',
  'prometheus/alerts.yaml': 'test/config/prometheus.test.ts',
  'prometheus/prometheus.yaml': 'test/config/prometheus.test.ts',
  'recipes/README.md': 'test/links.test.ts',
  'recipes/ansible.yaml': 'test/config/recipes.test.ts',
  'recipes/github-actions.yaml': 'test/config/recipes.test.ts',
  'recipes/kubernetes-job.yaml': 'test/config/recipes.test.ts',
  'recipes/terraform.tf': 'test/config/recipes.test.ts',
  'standby.md': 'test/config/standby-page.test.ts',
  'systemd/README.md': 'test/config/systemd.test.ts',
  'systemd/cutover-watch': 'test/config/systemd.test.ts',
  'systemd/cutover-watch.container': 'test/config/quadlet.test.ts',
  'systemd/cutover-watch.service': 'test/config/systemd.test.ts',
  'systemd/standby.conf': 'test/config/systemd.test.ts',
};

const config = new URL('config/', root);
const files = readdirSync(config, { recursive: true, encoding: 'utf8' }).filter((name) =>
  statSync(new URL(name, config)).isFile(),
);

it('every file of config/ has a test, and every file with a test exists', () => {
  // A configuration of one's own may lie there too; git does not keep it.
  const kept = files.filter((name) => name !== 'cutover-watch.yaml');
  expect(kept.toSorted()).toEqual(Object.keys(checkedBy).toSorted());
});

it('every file of config/ is in the package, by its name: what people put beside it is not', () => {
  const { files: packed } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const pages = Object.keys(checkedBy).map((name) => `config/${name}`);
  expect(packed).toEqual(['dist', 'CHANGELOG.md', ...pages.toSorted()]);
});

const comments = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

it.each(Object.entries(checkedBy))('config/%s is named in the code of %s', (name, test) => {
  const code = readFileSync(new URL(test, root), 'utf8').replaceAll(comments, '');
  expect(code).toContain(name.split('/').at(-1));
});
