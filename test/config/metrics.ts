import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Every metric that the watcher exports, without the prefix of all of them. */
export const metricNames: ReadonlySet<string> = new Set([
  'migration_ready',
  'migration_status',
  'migration_lag_seconds',
  'migration_ready_since_timestamp_seconds',
  'migration_cutover_deadline_timestamp_seconds',
  'migration_last_observation_timestamp_seconds',
  'migration_reachable',
  'migration_stalled',
  'migration_acknowledged',
  'migration_cutover_deadline_estimated',
  'migration_planned_cutover_timestamp_seconds',
  'migration_plan_at_risk',
  'migration_cutover_lag_high',
  'outage',
  'polls_total',
  'poll_failures_total',
  'poll_duration_seconds_bucket',
  'poll_duration_seconds_sum',
  'poll_duration_seconds_count',
  'requests_total',
  'events_total',
  'notifications_total',
  'notifications_failed_total',
  'notification_queue',
  'notification_oldest_seconds',
  'ping_last_success_timestamp_seconds',
  'rate_limit_remaining',
  'config_last_reload_successful',
  'build_info',
  'active',
  'unfenced',
  'lease_epoch',
  'lease_remaining_seconds',
  'state_commit_seconds_bucket',
  'state_commit_seconds_sum',
  'state_commit_seconds_count',
]);

/** Returns the names in an expression that look like metrics of the watcher and are none. */
export function unknownMetrics(expression: string): string[] {
  const names = [...expression.matchAll(/\bcutover_watch_(\w+)/g)].map(([, name = '']) => name);
  return names.filter((name) => !metricNames.has(name));
}

export const promtoolPath = '/usr/bin/promtool';

/** Whether Debian's `prometheus` package, which brings promtool, is installed. */
export const hasPromtool = existsSync(promtoolPath);

/** Runs promtool and returns what it says; rejects, with the same, when it finds a fault. */
export async function promtool(...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(promtoolPath, [...args]);
  return stdout + stderr;
}

/** Has promtool parse expressions, all at once: as rules that record them. */
export async function checkExpressions(expressions: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-watch-'));
  try {
    const file = join(folder, 'rules.json');
    const rules = expressions.map((expr, index) => ({ record: `expression_${index}`, expr }));
    // JSON is YAML too.
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'expressions', rules }] }));
    return await promtool('check', 'rules', file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
