import { describe, expect, test } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import { isSelected } from '../../src/sinks/selection.ts';
import { eventNames, projectOutage, sampleEvent } from '../events/sample-events.ts';
import { sinkSettings } from './receivers.ts';

const ready = sampleEvent('migration.ready_for_cutover');

interface Choice {
  readonly rule: string;
  readonly changes: Partial<ReturnType<typeof sinkSettings<'webhook'>>>;
  readonly selected: boolean;
}

describe('a receiver gets an event', () => {
  const choices: readonly Choice[] = [
    { rule: 'of its level', changes: { level: 'warn' }, selected: true },
    { rule: 'not of a lower level', changes: { level: 'error' }, selected: false },
    { rule: 'whose name it names', changes: { events: ['migration.ready_for_cutover'] }, selected: true },
    { rule: 'that a pattern fits', changes: { events: ['migration.*'] }, selected: true },
    { rule: 'that a pattern in the middle fits', changes: { events: ['*ready*cutover'] }, selected: true },
    { rule: 'that one of several fits', changes: { events: ['watcher.*', '*'] }, selected: true },
    {
      rule: 'not where a pattern overlaps itself',
      changes: { events: ['*cutover*cutover'] },
      selected: false,
    },
    {
      rule: 'not where a dot is another character',
      changes: { events: ['migration*ready.for*'] },
      selected: false,
    },
    { rule: 'not where no pattern fits', changes: { events: ['watcher.*', 'migration'] }, selected: false },
    { rule: 'that has its labels', changes: { labels: { team: 'payments' } }, selected: true },
    { rule: 'not with another label', changes: { labels: { team: 'search' } }, selected: false },
    {
      rule: 'not with one of two labels',
      changes: { labels: { team: 'payments', a: 'b' } },
      selected: false,
    },
    { rule: 'not by a label that objects have', changes: { labels: { constructor: 'x' } }, selected: false },
  ];

  test.each(choices)('$rule', ({ changes, selected }) => {
    expect(isSelected(sinkSettings('webhook', changes), ready)).toBe(selected);
  });

  test('without labels not, where it wants some', () => {
    const bare = sampleEvent('migration.ready_for_cutover', { labels: undefined });
    expect(isSelected(sinkSettings('slack', { labels: { team: 'payments' } }), bare)).toBe(false);
  });

  test('of a wider scope whatever labels it wants', () => {
    const {
      migration: _migration,
      liveMigrationId: _id,
      labels: _labels,
      ...rest
    } = sampleEvent('watcher.unreachable', projectOutage);
    expect(isSelected(sinkSettings('slack', { labels: { team: 'search' } }), rest)).toBe(true);
  });

  test('about a receiver, unless it is that receiver', () => {
    const about = { ...sampleEvent('watcher.unreachable'), sink: 'on-call' };
    expect(isSelected(sinkSettings('webhook'), about)).toBe(false);
    expect(isSelected(sinkSettings('pagerduty'), about)).toBe(false);
    expect(isSelected(sinkSettings('webhook', { name: 'chat' }), about)).toBe(true);
  });
});

function ofNewerVersion(level: 'info' | 'warn'): EventRecord {
  return { ...ready, level, event: 'migration.other' as never };
}

describe('PagerDuty gets', () => {
  test('what triggers, acknowledges or resolves an incident, and nothing else', () => {
    const settings = sinkSettings('pagerduty', { name: 'pager' });
    expect(eventNames.filter((name) => isSelected(settings, sampleEvent(name)))).toEqual([
      'migration.unknown_status',
      'migration.ready_for_cutover',
      'migration.readiness_withdrawn',
      'migration.cutover_reminder',
      'migration.cutover_deadline_near',
      'migration.cutover_deadline_passed',
      'migration.lag_stalled',
      'migration.lag_recovered',
      'migration.completed',
      'migration.failed',
      'migration.expired',
      'migration.disappeared',
      'migration.acknowledged',
      'migration.cutover_planned',
      'migration.plan_at_risk',
      'migration.plan_on_course',
      'migration.plan_missed',
      'migration.cutover_lag_high',
      'watcher.unreachable',
      'watcher.recovered',
      'watcher.sink_unavailable',
      'watcher.sink_recovered',
      'watcher.notification_dropped',
      'watcher.notification_test',
      'watcher.ping_failed',
      'watcher.ping_recovered',
      'watcher.active',
    ]);
  });

  test.each([
    'migration.completed',
    'migration.acknowledged',
    'watcher.recovered',
    'migration.lag_recovered',
  ] as const)('%s whatever its level', (name) => {
    expect(isSelected(sinkSettings('pagerduty', { level: 'error' }), sampleEvent(name))).toBe(true);
  });

  test('what resolves an incident where only its triggers are named', () => {
    const settings = sinkSettings('pagerduty', { events: ['migration.cutover_deadline_*'] });
    expect(isSelected(settings, sampleEvent('migration.readiness_withdrawn'))).toBe(true);
    expect(isSelected(settings, sampleEvent('migration.lag_recovered'))).toBe(false);
    expect(isSelected(settings, sampleEvent('migration.ready_for_cutover'))).toBe(false);
  });

  test('an event of a newer version from the level warn on', () => {
    expect(isSelected(sinkSettings('pagerduty'), ofNewerVersion('warn'))).toBe(true);
    expect(isSelected(sinkSettings('pagerduty'), ofNewerVersion('info'))).toBe(false);
  });
});
