import { describe, expect, it } from 'vitest';
import { escapeMarkdown } from '../../src/report/escape.ts';
import { toHtml as htmlOf } from '../../src/report/html.ts';
import { toJson as jsonOf } from '../../src/report/json.ts';
import { toMarkdown as markdownOf } from '../../src/report/markdown.ts';
import { type MigrationReport, reportOf } from '../../src/report/report-model.ts';
import { hour, start, targetOf } from '../watch/sample-migrations.ts';
import { played, wholeCourse } from './played.ts';

type Render = (reports: readonly MigrationReport[], at: number) => string;

const now = start + 60 * hour;
const whole = reportOf(played(wholeCourse, 60 * hour), now);
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
  (render) => (reports: readonly MigrationReport[], at: number) => [...render(reports, at)].join(''),
) as [Render, Render, Render];
const tagsOf = (text: string) => new Set([...text.matchAll(/<([a-z0-9]+)/gi)].map(([, tag]) => tag));

describe('the report in Markdown', () => {
  it('begins with the outcome, and has every section', () => {
    const lines = toMarkdown([whole], now).split('\n');
    expect(lines.slice(0, 10)).toEqual([
      '# orders: complete',
      '',
      '|  |  |',
      '| --- | --- |',
      '| Outcome | Complete on 2026-11-26 08:30 UTC. |',
      '| Duration | 2 d 9 h, from 2026-11-23 23:00 UTC to 2026-11-26 08:30 UTC |',
      '| Ready for cutover | 2026-11-25 06:00 UTC |',
      '| From ready to complete | 1 d 2 h |',
      '| Window for the cutover | respected: 3 d 21 h before the estimated deadline of 2026-11-30 06:00 UTC |',
      '| Lag at cutover | 5 s, reported 2026-11-26 07:55 UTC |',
    ]);
    const sections = lines.filter((line) => line.startsWith('## '));
    expect(sections).toEqual(['## Phases', '## Lag behind the source', '## Observation gaps', '## Timeline']);
    expect(lines).toContain('| Initial copy | 2026-11-24 01:00:00 | 2026-11-24 19:00:00 | 18 h |');
    expect(lines).toContain(
      '| 2026-11-25 14:55:00 | 2026-11-25 18:00:00 | 3 h 5 min | No watcher was running, or the migration was not in its configuration |',
    );
  });

  it('begins with an overview for several migrations', () => {
    const text = toMarkdown([whole, hostile], now);
    expect(text).toMatch(/^# Live migrations\n\n\| Migration \| Outcome /);
    expect(text).toContain(
      '| orders | Complete | 2026-11-26 08:30:00 | 2 d 9 h | 1 d 2 h | respected | 4 h 10 min |',
    );
    expect(text).toContain('\n## orders: complete\n');
    expect(text).toContain('\n### Timeline\n');
  });

  it('escapes hostile text', () => {
    const text = toMarkdown([hostile], now);
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
  it('is one file, which loads nothing and runs no script', () => {
    const html = toHtml([whole, whole], now);
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(html).not.toMatch(/<script|<link|<img|<iframe|\bsrc=|@import|url\((?!#)|:\/\//i);
  });

  it('plots the lag, interrupted in observation gaps', () => {
    const [, path = ''] = /class="lag" d="([^"]+)"/.exec(toHtml([whole], now)) ?? [];
    expect(path).toMatch(/^(?:[ML][\d.]+ [\d.]+)+$/);
    expect(path.match(/M/g)).toHaveLength(3);
    expect(path.match(/L/g)?.length).toBeGreaterThan(100);
  });

  it('draws at most as many of many samples as a screen shows', () => {
    const samples = Array.from({ length: 300_000 }, (_, index) => ({
      observedAt: start + index * 500,
      lagTimeSeconds: 100 + (index % 97),
    }));
    const html = toHtml([{ ...whole, samples }], now);
    expect(/class="lag" d="([^"]+)"/.exec(html)?.[1]?.match(/[ML]/g)?.length).toBeLessThan(3_200);
  });

  it('has no plot without a lag, or for a single moment', () => {
    const withoutLag = played(() => ({ status: 'NEW' }), hour);
    const once = played(() => ({ status: 'WORKING', lagTimeSeconds: 9 }), 0);
    for (const recording of [withoutLag, once])
      expect(toHtml([reportOf(recording, now)], now)).not.toContain('<svg');
  });

  it('escapes hostile text', () => {
    const html = toHtml([hostile], now);
    expect(html).toContain('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; | *a*');
    expect(html.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(tagsOf(html).isSubsetOf(tagsOf(toHtml([whole], now)))).toBe(true);
  });
});

describe('the report in JSON', () => {
  it('has the field names of the events', () => {
    const { madeAt, migrations } = JSON.parse(toJson([whole], now)) as Record<string, unknown>;
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
