import { expect, test } from 'vitest';
import { ganttOf } from '../../src/report/gantt.ts';
import { toJson } from '../../src/report/json.ts';
import { lagPlot } from '../../src/report/lag-plot.ts';
import { type MigrationReport, reportOf } from '../../src/report/report-model.ts';
import { factsOf } from '../../src/report/summary.ts';
import { hour, orders, start } from '../watch/sample-migrations.ts';
import { copying, ready, WordedLife } from '../watch/worded-life.ts';

/** A migration that is ready from hour 1 on, and what came of it, as a report. */
function reportAfter(tell: (life: WordedLife) => void): MigrationReport {
  const life = new WordedLife();
  life.poll(copying, 0);
  life.poll(ready, hour);
  tell(life);
  return reportOf({ ...orders, state: life.state, events: life.events, samples: [] }, life.now);
}

const textsOf = (report: MigrationReport): Record<string, string> =>
  Object.fromEntries(factsOf(report, report.to ?? 0));

const extended =
  (outcomeAfterHours: number) =>
  (life: WordedLife): void => {
    life.ask({ command: 'extend', byMs: 48 * hour, comment: 'extended in the console' });
    life.poll({ status: 'COMPLETE' }, outcomeAfterHours * hour);
  };

test('a cutover counts as in time by the end that was stated', () => {
  const inTime = reportAfter(extended(130));
  expect(inTime.windowRespected).toBe(true);
  expect(textsOf(inTime)).toMatchObject({
    'Window for the cutover':
      'Cut over in time, 1 d 14 h before its end on 2026-12-01 00:00 UTC (stated by anna)',
    'Stated end of the window':
      '2026-12-01 00:00 UTC, stated by anna on 2026-11-24 00:00 UTC (extended in the console)',
  });
  const late = reportAfter(extended(170));
  expect(late.windowRespected).toBe(false);
  expect(textsOf(late)['Window for the cutover']).toBe(
    'Cut over too late, 2 h after its end on 2026-12-01 00:00 UTC (stated by anna)',
  );
});

test('an end that an earlier readiness had is not that of a later one', () => {
  const report = reportAfter((life) => {
    life.ask({ command: 'extend', byMs: 48 * hour });
    life.pollFor(30 * hour, copying);
    life.poll(ready);
  });
  expect(report.stated.end).toBeUndefined();
  expect(textsOf(report)['Window for the cutover']).toContain('left until its estimated end on');
});

test('acknowledgements and plans are facts, with who gave them and what came of them', () => {
  const report = reportAfter((life) => {
    life.ask({ command: 'ack', until: start + 20 * hour, comment: 'mine' });
    life.ask({ command: 'plan', at: start + 130 * hour });
    life.ask({ command: 'plan', at: start + 10 * hour, durationMs: hour });
    life.pollFor(11 * hour, ready);
  });
  const facts = textsOf(report);
  expect(facts.Acknowledgements).toBe(
    'acknowledged by anna on 2026-11-24 00:00 UTC, until 2026-11-24 19:00 UTC (mine)',
  );
  expect(facts['Planned cutover']).toBe(
    '2026-11-29 09:00 UTC, within 2 h, planned by anna on 2026-11-24 00:00 UTC, at risk; 2026-11-24 09:00 UTC, within 1 h, planned by anna on 2026-11-24 00:00 UTC, missed',
  );
});

test('the planned cutover is marked in plot and Gantt chart, and a cleared one is not', () => {
  const planned = reportAfter((life) => life.ask({ command: 'plan', at: start + 30 * hour }));
  expect(ganttOf(planned, start + hour)).toContain('Planned cutover :milestone, 2026-11-25 05:00:00, 0d');
  expect(lagPlot(planned, 'm1', start + hour)?.shown).toContain('planned');
  const cleared = reportAfter((life) => {
    life.ask({ command: 'plan', at: start + 30 * hour });
    life.ask({ command: 'plan' });
  });
  expect(ganttOf(cleared, start + hour)).not.toContain('milestone');
  expect(lagPlot(cleared, 'm1', start + hour)?.shown).not.toContain('planned');
});

test('the report for programs has the same', async () => {
  const report = reportAfter((life) => {
    life.ask({ command: 'extend', byMs: 48 * hour });
    life.ask({ command: 'plan', at: start + 30 * hour });
  });
  const text = (await Array.fromAsync(toJson([report], start))).join('');
  expect(JSON.parse(text)).toMatchObject({
    migrations: [
      {
        deadline: '2026-12-01T00:00:00.000Z',
        deadlineEstimated: false,
        deadlineSource: 'operator',
        deadlineAuthor: 'anna',
        plans: [{ plannedAt: '2026-11-25T05:00:00.000Z', planDurationSeconds: 7_200, author: 'anna' }],
      },
    ],
  });
});
