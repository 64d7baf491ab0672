import { setImmediate } from 'node:timers/promises';
import type { EventRecord } from '../events/event-record.ts';
import { recordingOf } from '../report/recorded.ts';
import { type MigrationReport, type Reports, reportOf } from '../report/report-model.ts';
import type { MigrationSnapshot } from '../watch/fleet.ts';
import { listSamples } from '../watch/migration/lag-samples.ts';
import type { ServerContext } from './context.ts';
import { findMigration, newerThan } from './migrations-api.ts';
import { checkParameters } from './query.ts';
import { HttpError, type Reply } from './reply.ts';
import type { RouteRequest } from './router.ts';
import { shownEvent } from './shown-event.ts';

/** A report is made in memory: it has at most so many events and samples, the latest. The log keeps no more events. */
const mostEvents = 5_000;
const mostSamples = 30_000;

/** A report loads nothing, runs nothing, and has its styles inline. */
const contentSecurityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A way to write a report. Its code loads with the first report. */
interface Format {
  readonly contentType: string;
  render(): Promise<(reports: Reports, now: number) => AsyncIterable<string>>;
}

const formats: Readonly<Record<string, Format>> = {
  html: {
    contentType: 'text/html; charset=utf-8',
    render: async () => (await import('../report/html.ts')).toHtml,
  },
  md: {
    contentType: 'text/markdown; charset=utf-8',
    render: async () => (await import('../report/markdown.ts')).toMarkdown,
  },
};

/** `GET /api/migrations/{name}/report`: the report of one migration, as an HTML page or, with `format=md`, as Markdown. */
export async function reportOfMigration(
  context: ServerContext,
  { query, name }: RouteRequest,
): Promise<Reply> {
  const one = findMigration(context, name);
  checkParameters(query, ['format']);
  const asked = query.get('format') ?? 'html';
  const format = Object.hasOwn(formats, asked) ? formats[asked] : undefined;
  if (format === undefined) throw new HttpError(400, 'Write format as html or md.');
  const now = context.now();
  const report = await recordedReport(context, one, now);
  // Others run between the two halves of the work.
  await setImmediate();
  const render = await format.render();
  const fileName = encodeURIComponent(`${one.target.name}-report.${asked}`).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  return {
    status: 200,
    headers: {
      'content-type': format.contentType,
      'content-disposition': `inline; filename*=UTF-8''${fileName}`,
      'content-security-policy': contentSecurityPolicy,
    },
    body: (await Array.fromAsync(render([report], now))).join(''),
  };
}

/** Resolves to a report without secrets. Its samples are numbers alone. */
async function recordedReport(
  context: ServerContext,
  { target, state, samples: recent }: MigrationSnapshot,
  now: number,
): Promise<MigrationReport> {
  const { store, redact } = context;
  const latest = await store.latestEvents(mostEvents, target);
  const events = latest.map((record): EventRecord => shownEvent(record, context));
  const stored = await store.latestSamples(target, 0, mostSamples);
  const recorded = [...stored, ...newerThan(stored, listSamples(recent), 0)];
  const recording = recordingOf(target, { state, samples: state === undefined ? [] : recorded, events });
  const { samples, ...report } = reportOf(recording, now);
  return { ...redact.data(report), samples };
}
