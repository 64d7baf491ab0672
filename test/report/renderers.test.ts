import { describe, expect, it } from 'vitest';
import { escapeMarkdown } from '../../src/report/escape.ts';
import { toHtml as htmlOf } from '../../src/report/html.ts';
import { toJson as jsonOf } from '../../src/report/json.ts';
import { toMarkdown as markdownOf } from '../../src/report/markdown.ts';
import { type MigrationReport, reportOf } from '../../src/report/report-model.ts';
import { hour, start, targetOf } from '../watch/sample-migrations.ts';
import { type Course, played, wholeCourse } from './played.ts';

type Render = (reports: readonly MigrationReport[], at: number, title?: string) => Promise<string>;

const now = start + 60 * hour;
const whole = reportOf(played(wholeCourse, 60 * hour), now);
const working = { status: 'WORKING', readyForCutover: false };
/** Ready, withdrawn and ready again. */
const readyTwice: Course = (ms) => {
  const hours = ms / hour;
  return hours < 1 || (hours >= 2 && hours < 3)
    ? { ...working, lagTimeSeconds: 500 }
    : { ...working, readyForCutover: true, lagTimeSeconds: 3 };
};
/** Three bursts of writes, and then ready for a day and a half. */
const burdened: Course = (ms) => {
  const hours = ms / hour;
  if (hours >= 24) return { ...working, readyForCutover: true, lagTimeSeconds: 3 };
  const inBurst = hours % 8 >= 4 && hours % 8 < 6;
  return { ...working, lagTimeSeconds: Math.round(20_000 - hours * 800 + (inBurst ? (hours % 8) * 900 : 0)) };
};
const hostileText = `<img src=x onerror="alert('1')"> | *a* [b](c) \u001b[2J\u202e https://example.com\n# d`;
const hostile = reportOf(
  played(
    () => ({
      status: hostileText,
      readyForCutover: false,
      lagTimeSeconds: 30,
      migrationHosts: [hostileText],
    }),
    hour,
    undefined,
    { ...targetOf(2), name: hostileText, labels: { team: hostileText } },
  ),
  now,
);

const [toMarkdown, toHtml, toJson] = [markdownOf, htmlOf, jsonOf].map(
  (render) =>
    (...args: Parameters<Render>) =>
      Array.fromAsync(render(...args)).then((parts) => parts.join('')),
) as [Render, Render, Render];
/** Returns the report, made so many hours after the start, of one that was last read at hour 50, when it was ready. */
function htmlAt(hours: number): Promise<string> {
  const at = start + hours * hour;
  return toHtml([reportOf(played(wholeCourse, 50 * hour), at)], at);
}
const tagsOf = (text: string) => new Set([...text.matchAll(/<([a-z0-9]+)/gi)].map(([, tag]) => tag));

describe('the report in Markdown', () => {
  it('begins with the outcome, and has every section', async () => {
    const lines = (await toMarkdown([whole], now)).split('\n');
    expect(lines.slice(0, 10)).toEqual([
      '# orders: complete',
      '',
      '- **Outcome:** Complete on 2026-11-26 08:30 UTC.',
      '- **Watched for:** 2 d 9 h, from 2026-11-23 23:00 UTC to 2026-11-26 08:30 UTC',
      '- **Ready for cutover:** 2026-11-25 06:00 UTC',
      '- **From ready to complete:** 1 d 2 h',
      '- **Window for the cutover:** Cut over in time, 3 d 21 h before its estimated end on 2026-11-30 06:00 UTC',
      '- **Lag at cutover:** 5 s, reported 2026-11-26 07:55 UTC',
      '- **Gaps in watching:** 4 h 10 min in 2 gaps',
      "- **Atlas's latest status:** COMPLETE",
    ]);
    const sections = lines.filter((line) => line.startsWith('## '));
    expect(sections).toEqual(['## Phases', '## Lag behind the source', '## Gaps in watching', '## Timeline']);
    expect(lines).toContain('| Initial copy | 2026-11-24 01:00:00 | 2026-11-24 19:00:00 | 18 h |');
    expect(lines).toContain(
      '| 2026-11-25 14:55:00 | 2026-11-25 18:00:00 | 3 h 5 min | No watcher was running, or the migration was not in its configuration |',
    );
  });

  it('begins with an overview for several migrations', async () => {
    const text = await toMarkdown([whole, hostile], now);
    expect(text).toMatch(/^# Live migrations\n\n\| Migration \| Outcome /);
    expect(text).toContain(
      '| orders | Complete | 2026-11-26 08:30:00 | 2 d 9 h | 1 d 2 h | in time | 4 h 10 min |',
    );
    expect(text).toContain('\n## orders: complete\n');
    expect(text).toContain('\n### Timeline\n');
  });

  it('has a sign for each event, no level, and no heading row without text', async () => {
    const text = await toMarkdown([whole], now);
    expect(text).toContain('| Time (UTC) | Sign | Event |');
    expect(text).toMatch(/\| ★ \| orders is ready for cutover\./);
    expect(text).toMatch(/\| ✔ \| orders is complete,/);
    expect(text).not.toMatch(/\| (?:info|warn|error|Level) \|/);
    expect(text).not.toMatch(/^\|(?:\s*\|)+$/m);
  });

  it('has the phases as a Gantt chart, with stalls, gaps and the window left, and no text from elsewhere', async () => {
    const [, chart = ''] = /^```mermaid\n(.*?)\n```$/ms.exec(await toMarkdown([whole], now)) ?? [];
    const bars = chart.split('\n').filter((line) => line.includes(' :') || line.includes('section'));
    expect(bars.map((line) => line.trim())).toEqual([
      'section Phases',
      'Waiting :done, 2026-11-23 23:00:00, 2026-11-24 01:00:00',
      'Initial copy :done, 2026-11-24 01:00:00, 2026-11-24 19:00:00',
      'Catching up :done, 2026-11-24 19:00:00, 2026-11-25 06:00:00',
      'Ready :active, 2026-11-25 06:00:00, 2026-11-26 07:55:00',
      'Cutover :done, 2026-11-26 07:55:00, 2026-11-26 08:30:00',
      'section Stalled',
      'Stalled :crit, 2026-11-24 21:00:00, 2026-11-24 22:20:00',
      "section Can't be read",
      "Can't be read :crit, 2026-11-24 23:55:00, 2026-11-25 01:00:00",
      'section Not watched',
      'Not watched :crit, 2026-11-25 14:55:00, 2026-11-25 18:00:00',
    ]);
    const atReady = start + 50 * hour;
    const ready = reportOf(played(wholeCourse, 50 * hour), atReady);
    expect(await toMarkdown([ready], atReady)).toContain(
      'Window left :2026-11-26 01:00:00, 2026-11-30 06:00:00',
    );
    expect(await toMarkdown([hostile], now)).toMatch(/mermaid\n[^<>&#;"|*[\]]*```/);
  });

  it('escapes hostile text', async () => {
    // The markup of the report itself aside.
    const text = (await toMarkdown([hostile], now)).replaceAll(/^- \*\*.*?\*\*/gm, '');
    expect(text).not.toMatch(/[<>]|\p{Cf}|(?<!\\)[*[]/u);
    for (const line of text.split('\n').filter((one) => one.startsWith('|')))
      expect(line.replaceAll('\\|', '').split('|').length).toBeLessThanOrEqual(6);
    expect(text).not.toContain('https://example.com');
  });

  it.each([
    ['a_b*c`d', 'a\\_b\\*c\\`d'],
    ['<b> & [x](y) | ~z~ #1 !', '&lt;b&gt; &amp; \\[x\\](y) \\| \\~z\\~ \\#1 \\!'],
    ['see https://a.example and WWW.b.example', 'see https\\://a.example and WWW\\.b.example'],
    ['_www.evil.example_ éWWW.b.example', '\\_www\\.evil.example\\_ éWWW\\.b.example'],
    ['from a_b@c.example, mailto:x@y.z', 'from `a_b@c.example`, `mailto:x@y.z`'],
    ['@everyone @org/team', '`@everyone` `@org/team`'],
    ['|`<a@b.c>', '\\|\\`&lt;`a@b.c`&gt;'],
    ['back\\slash\nand more', 'back\\\\slash and more'],
    ['2026-11-25 06:00 UTC', '2026-11-25 06:00 UTC'],
  ])('escapes %j', (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped);
  });
});

describe('the report in HTML', () => {
  it('is one file, which loads nothing and runs no script', async () => {
    const html = await toHtml([whole, whole], now);
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(html).not.toMatch(/<script|<link|<img|<iframe|\bsrc=|@import|url\((?!#)|:\/\//i);
  });

  it('plots the lag, interrupted in observation gaps', async () => {
    const [, path = ''] = /class="lag" d="([^"]+)"/.exec(await toHtml([whole], now)) ?? [];
    expect(path).toMatch(/^(?:[ML][\d.]+ [\d.]+)+$/);
    expect(path.match(/M/g)).toHaveLength(3);
    expect(path.match(/L/g)?.length).toBeGreaterThan(100);
  });

  it('draws at most as many of many samples as a screen shows', async () => {
    const samples = Array.from({ length: 300_000 }, (_, index) => ({
      observedAt: start + index * 500,
      lagTimeSeconds: 100 + (index % 97),
    }));
    const html = await toHtml([{ ...whole, samples }], now);
    expect(/class="lag" d="([^"]+)"/.exec(html)?.[1]?.match(/[ML]/g)?.length).toBeLessThan(3_200);
  });

  it('has the phases alone where there is no lag, and no plot for a single moment', async () => {
    const withoutLag = reportOf(
      played(() => ({ status: 'NEW' }), hour),
      now,
    );
    const html = await toHtml([withoutLag], now);
    expect(html).toContain('<rect class="phase waiting"');
    expect(html).not.toContain('class="lag"');
    const once = reportOf(
      played(() => ({ status: 'WORKING', lagTimeSeconds: 9 }), 0),
      now,
    );
    expect(await toHtml([once], now)).not.toContain('<svg');
  });

  it('names what the plot shows, and the zone of its times', async () => {
    const html = await toHtml([whole], now);
    const [, legend = ''] = /<ul class="legend">(.*?)<\/ul>/.exec(html) ?? [];
    expect(
      legend
        .replaceAll(/<[^>]+>/g, '|')
        .split('|')
        .filter((text) => text !== ''),
    ).toEqual([
      'Waiting',
      'Initial copy',
      'Catching up',
      'Ready',
      'Cutover',
      'Stalled',
      'Can&#39;t be read',
      'Not watched',
      '★\uFE0E Became ready',
    ]);
    expect(html).toContain('>Time in UTC</text>');
    expect(html).toContain('End of the window (estimate): 2026-11-30 06:00 UTC, not in the plot.');
  });

  it('plots the window that is left, its end, and the time after it', async () => {
    expect(await htmlAt(50)).toMatch(
      /<rect class="window".*<line class="line window-end".*<line class="line now"/s,
    );
    expect(await htmlAt(50)).not.toContain('class="overdue"');
    expect(await htmlAt(160)).toMatch(/<rect class="overdue".*<line class="line window-end"/s);
  });

  it('plots where a readiness was withdrawn', async () => {
    const report = reportOf(played(readyTwice, 5 * hour), start + 5 * hour);
    const html = await toHtml([report], start + 5 * hour);
    expect(html.match(/class="edge"/g)).toHaveLength(3);
    expect(html).toContain('▲\uFE0E No longer ready');
  });

  it('folds stalls and reminders, and lists them in the fold', async () => {
    const report = reportOf(played(burdened, 60 * hour), start + 60 * hour);
    const html = await toHtml([report], start + 60 * hour);
    const [stalls, reminders] = html.matchAll(/<details><summary>(.*?)<\/summary><ul>(.*?)<\/ul>/gs);
    expect(stalls?.[1]).toBe(
      '3 stalls, the longest 2 h 7 min, between 2026-11-24 02:57 UTC and 2026-11-24 21:05 UTC.',
    );
    expect(stalls?.[2]?.match(/<li>/g)).toHaveLength(6);
    expect(reminders?.[1]).toMatch(/^3 reminders that it is ready, between /);
  });

  it('has a title above all where one is given', async () => {
    for (const reports of [[whole], [whole, hostile]]) {
      const html = await toHtml(reports, now, 'CHG1 <b>');
      expect(html).toContain('<title>CHG1 &lt;b&gt;</title>');
      expect(html.match(/<h1>/g)).toHaveLength(1);
      expect(await toMarkdown(reports, now, 'CHG1 <b>')).toMatch(
        /^# CHG1 &lt;b&gt;\n.*^## orders: complete$/ms,
      );
    }
    expect(JSON.parse(await toJson([whole], now, 'CHG1 <b>'))).toMatchObject({ title: 'CHG1 <b>' });
  });

  it('escapes hostile text', async () => {
    const html = await toHtml([hostile], now);
    expect(html).toContain('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; | *a*');
    expect(html.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(tagsOf(html).isSubsetOf(tagsOf(await toHtml([whole], now)))).toBe(true);
  });
});

describe('the report in JSON', () => {
  it('has the field names of the events', async () => {
    const { madeAt, migrations } = JSON.parse(await toJson([whole], now)) as Record<string, unknown>;
    expect(madeAt).toBe('2026-11-26T11:00:00.000Z');
    expect(migrations).toMatchObject([
      {
        name: 'orders',
        outcome: 'complete',
        from: '2026-11-23T23:00:00.000Z',
        seconds: 57.5 * 3_600,
        readySince: '2026-11-25T06:00:00.000Z',
        readySinceKnown: true,
        deadline: '2026-11-30T06:00:00.000Z',
        deadlineEstimated: true,
        readyForSeconds: 26.5 * 3_600,
        windowRespected: true,
        lagAtCutoverSeconds: 5,
        unseen: [
          { because: 'unreachable', seconds: 3_900 },
          { because: 'not watched', seconds: 11_100 },
        ],
      },
    ]);
  });
});
