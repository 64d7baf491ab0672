import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments, parseDocument } from 'yaml';
import { catalogue } from '../../src/events/catalogue.ts';
import { toEcs } from '../../src/events/ecs.ts';
import { eventNames, sampleEvent } from '../events/sample-events.ts';

const folder = new URL('../../config/log-shipping/', import.meta.url);
const files = {
  alloy: 'alloy.alloy',
  cloudwatch: 'cloudwatch-agent.json',
  datadog: 'datadog.yaml',
  datadogPipeline: 'datadog-pipeline.json',
  fluentBit: 'fluent-bit.yaml',
  openTelemetry: 'otel-collector.yaml',
  readme: 'README.md',
  vector: 'vector.yaml',
} as const;
const unit = 'cutover-watch.service';

function read(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8');
}

/** YAML, and with it JSON, without a single mistake or warning. */
function load(name: string): unknown {
  const document = parseDocument(read(name), { strict: true });
  expect([...document.errors, ...document.warnings]).toEqual([]);
  return document.toJS();
}

/** Returns what the directives of a time format make of a line: the first place in it that fits. */
function findTime(line: string, format: string): string | undefined {
  const digits: Readonly<Record<string, string>> = { Y: '\\d{4}', L: '\\d{3}', f: '\\d{1,9}' };
  const pattern = format
    .replaceAll('.', '\\.')
    .replaceAll(/%(\w)/g, (_, part: string) => digits[part] ?? '\\d{2}');
  return new RegExp(pattern).exec(line)?.[0];
}

const event = sampleEvent('migration.ready_for_cutover');
const line = JSON.stringify(event);
/** What every line has: only these may be asked for without a thought. */
const everyLine = ['time', 'level', 'service', 'event', 'msg'];

describe('every file', () => {
  it('is one that these tests and its README name', () => {
    const shippers = readdirSync(folder).filter((name) => !name.startsWith('rsyslog'));
    expect(shippers.toSorted()).toEqual(Object.values(files).toSorted());
    for (const name of shippers.filter((other) => other !== files.readme))
      expect(read(files.readme)).toContain(`(${name})`);
  });

  it.each(Object.values(files))('%s names only events that exist', (name) => {
    const text = read(name).replaceAll(
      /\b(migration|watcher)\.\(([^)]*)\)/g,
      (_, group: string, ends: string) =>
        ends
          .split('|')
          .map((end) => `${group}.${end} `)
          .join(''),
    );
    const named = [...text.matchAll(/\b(?:migration|watcher)\.[a-z]+_?[a-z_]*/g)].map(([found]) => found);
    const unknown = named.filter(
      (found) => !Object.hasOwn(catalogue, found) && found !== 'migration.keyword',
    );
    expect(unknown).toEqual([]);
  });

  it.each([files.alloy, files.datadog, files.fluentBit, files.openTelemetry, files.vector, files.readme])(
    '%s shows how to find what is ready',
    (name) => {
      expect(read(name)).toContain('migration.ready_for_cutover');
    },
  );
});

describe('vector.yaml', () => {
  interface Part {
    readonly inputs?: readonly string[];
  }
  const { sources, transforms, sinks } = load(files.vector) as {
    sources: { container: { extra_label_selector: string }; systemd: { include_units: string[] } };
    transforms: Record<string, Part & { source?: string; condition?: string }>;
    sinks: { elasticsearch: Part & { id_key: string } };
  };

  it('has parts that follow each other', () => {
    const known = [...Object.keys(sources), ...Object.keys(transforms)];
    const inputs = [...Object.values(transforms), ...Object.values(sinks)].flatMap(
      (part: Part) => part.inputs ?? [],
    );
    expect(new Set(inputs)).toEqual(new Set(known));
    expect(sources.systemd.include_units).toEqual([unit]);
  });

  it.each(['deployment.yaml', 'sidecar.yaml'])('reads the watcher of config/kubernetes/%s alone', (name) => {
    const manifests = parseAllDocuments(readFileSync(new URL(`../kubernetes/${name}`, folder), 'utf8'));
    const deployment = manifests.map((document) => document.toJS()).find(({ kind }) => kind === 'Deployment');
    const { metadata, spec } = deployment.spec.template;
    const [label = '', value] = sources.container.extra_label_selector.split('=');
    expect(metadata.labels[label]).toBe(value);
    const container = /^\.kubernetes\.container_name == "(.+)"$/.exec(
      transforms.watcher?.condition ?? '',
    )?.[1];
    const containers: { readonly name: string }[] = [...spec.containers, ...(spec.initContainers ?? [])];
    expect(containers.filter((one) => one.name === container)).toHaveLength(1);
    expect(transforms.watcher?.inputs).toEqual(['container']);
    expect(transforms.event?.inputs).not.toContain('container');
  });

  it('takes the id of an event as that of the document', () => {
    expect(event).toHaveProperty(sinks.elasticsearch.id_key);
    const moved = [...(transforms.event?.source ?? '').matchAll(/del\(\.(\w+)\)/g)].map(([, name]) => name);
    expect(moved).toEqual(['time', 'msg']);
  });
});

describe('fluent-bit.yaml', () => {
  const { parsers, pipeline } = load(files.fluentBit) as {
    parsers: { name: string; time_key: string; time_format: string }[];
    pipeline: {
      inputs: { name: string; tag: string; systemd_filter?: string; read_from_head?: boolean }[];
      filters: { match: string; parser: string }[];
      outputs: { match: string; labels: string }[];
    };
  };

  it('has a parser for every input, and one that reads the time', () => {
    expect(pipeline.filters.map(({ match }) => match)).toEqual(pipeline.inputs.map(({ tag }) => tag));
    for (const { parser } of pipeline.filters) expect(parsers.map(({ name }) => name)).toContain(parser);
    expect(pipeline.inputs.map((input) => input.systemd_filter)).toContain(`_SYSTEMD_UNIT=${unit}`);
    for (const { time_key: key, time_format: format } of parsers)
      expect(findTime(line, format)).toBe(event[key]);
  });

  it('reads what a container wrote before its file was found', () => {
    const tails = pipeline.inputs.filter(({ name }) => name === 'tail');
    expect(tails.map((input) => input.read_from_head)).toEqual([true]);
  });

  it('sends on what every input has', () => {
    for (const { match } of pipeline.outputs)
      for (const { tag } of pipeline.inputs) expect(tag.startsWith(match.replace('*', ''))).toBe(true);
    const labels = pipeline.outputs.flatMap(({ labels: text }) =>
      [...text.matchAll(/\$(\w+)/g)].map(([, name]) => name),
    );
    expect(everyLine).toEqual(expect.arrayContaining(labels));
  });
});

describe('alloy.alloy', () => {
  const text = read(files.alloy).replaceAll(/^\s*\/\/.*$/gm, '');

  it('closes what it opens', () => {
    const open: string[] = [];
    for (const [bracket] of text.replaceAll(/"[^"\n]*"/g, '').matchAll(/[[\]{}()]/g)) {
      if ('[{('.includes(bracket)) open.push(bracket);
      else expect(`${open.pop()}${bracket}`).toMatch(/^(\[\]|\{\}|\(\))$/);
    }
    expect(open).toEqual([]);
  });

  it('has components that follow each other', () => {
    const known = [...text.matchAll(/^([a-z_.]+) "(\w+)" \{$/gm)].map(
      ([, kind, label]) => `${kind}.${label}`,
    );
    const used = [...text.matchAll(/[[ ]((?:loki|local)\.[\w.]+)\.(?:receiver|targets)\b/g)].map(
      ([, name]) => name,
    );
    expect(known).toEqual(expect.arrayContaining(used));
    const fed = known.filter((name) => !name.startsWith('loki.source.'));
    expect(new Set(fed)).toEqual(new Set(used));
    expect(text).toContain(`_SYSTEMD_UNIT=${unit}`);
  });

  it('takes fields out of the line that are in it', () => {
    const [, block = ''] = /expressions = \{([^}]*)\}/.exec(text) ?? [];
    const names = [...block.matchAll(/(\w+)\s*= "(\w*)"/g)].map(([, own, path]) => path || own);
    expect(names).toHaveLength(5);
    expect(Object.keys(event)).toEqual(expect.arrayContaining(names));
  });
});

describe('otel-collector.yaml', () => {
  const text = read(files.openTelemetry);
  const { receivers, exporters, extensions, service } = load(files.openTelemetry) as {
    receivers: { journald: { units: string[] } };
    exporters: object;
    extensions: object;
    service: { extensions: string[]; pipelines: { logs: { receivers: string[]; exporters: string[] } } };
  };

  it('uses all that it defines', () => {
    expect(service.pipelines.logs.receivers).toEqual(Object.keys(receivers));
    expect(service.pipelines.logs.exporters).toEqual(Object.keys(exporters));
    expect(service.extensions).toEqual(Object.keys(extensions));
    expect(receivers.journald.units).toEqual([unit]);
  });

  it('moves fields that every line has', () => {
    const fields = [...text.matchAll(/from: attributes\.(\w+)/g)].map(([, name]) => name);
    expect(new Set(fields)).toEqual(new Set(['time', 'level', 'msg', 'service']));
    expect(everyLine).toEqual(expect.arrayContaining(fields));
  });
});

describe('datadog.yaml and datadog-pipeline.json', () => {
  const { logs } = load(files.datadog) as {
    logs: { include_units: string[]; source: string; service: string }[];
  };
  const { filter, processors } = JSON.parse(read(files.datadogPipeline)) as {
    filter: { query: string };
    processors: { type: string; sources?: string[] }[];
  };

  it('are about the same source', () => {
    for (const { include_units: units, source } of logs) {
      expect(units).toEqual([unit]);
      expect(filter.query).toBe(`source:${source}`);
    }
  });

  it('look for fields that the ecs format writes', () => {
    const writtenBesides = ['log.level', 'message'];
    const written = [...Object.keys(toEcs(event)), ...writtenBesides];
    expect(written).toEqual(expect.arrayContaining(processors.flatMap(({ sources }) => sources ?? [])));
    for (const [, field] of read(files.datadog).matchAll(/@((?:event|cutover_watch)[\w.]*)/g))
      expect(field?.startsWith('cutover_watch.') ? ['cutover_watch.migration'] : written).toContain(field);
  });
});

describe('cloudwatch-agent.json', () => {
  it('reads the file that rsyslog writes and that is rotated without a loss', () => {
    const [path = 'none'] = /(?<=file_path": ")[^"]+/.exec(read(files.cloudwatch)) ?? [];
    expect(read('rsyslog.conf')).toContain(`file="${path}"`);
    const rotation = read('rsyslog-logrotate.conf');
    expect(rotation).toContain(`${path} {`);
    expect(`${rotation}${read(files.readme)}`).not.toContain('copytruncate');
  });

  it('finds the time of an event first in its line', () => {
    const { logs } = JSON.parse(read(files.cloudwatch)) as {
      logs: { logs_collected: { files: { collect_list: { timestamp_format: string; timezone: string }[] } } };
    };
    for (const { timestamp_format: format, timezone } of logs.logs_collected.files.collect_list) {
      expect(timezone).toBe('UTC');
      for (const name of eventNames) {
        const record = sampleEvent(name);
        expect(`${findTime(JSON.stringify(record), format)}Z`).toBe(record.time);
      }
    }
  });
});
