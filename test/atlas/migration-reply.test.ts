import {
  array,
  assert,
  boolean,
  constant,
  dictionary,
  double,
  json,
  jsonValue,
  oneof,
  property,
  record,
  string,
} from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AtlasError } from '../../src/atlas/atlas-error.ts';
import { parseMigrationReply } from '../../src/atlas/migration-resource.ts';

const ID = '7e68e12770616e75e6df43d0';
const WHOLE = {
  _id: ID,
  status: 'WORKING',
  readyForCutover: false,
  lagTimeSeconds: 120,
  migrationHosts: ['vm001.example.com'],
};

function parse(body: unknown) {
  return parseMigrationReply({ body: typeof body === 'string' ? body : JSON.stringify(body) }, ID).reading;
}

describe('the body of a live migration reply', () => {
  test('of the documentation is read', () => {
    const documented =
      '{"_id":"7e68e12770616e75e6df43d0","migrationHosts":"vm001.example.com","readyForCutover":true,"status":"NEW"}';
    expect(parse(documented)).toEqual({
      status: 'NEW',
      readyForCutover: true,
      migrationHosts: ['vm001.example.com'],
    });
  });

  test('with all five fields is read', () => {
    const { _id, ...fields } = WHOLE;
    expect(_id).toBe(ID);
    expect(parse(WHOLE)).toEqual(fields);
  });

  test.each(['_id', 'status', 'readyForCutover', 'lagTimeSeconds', 'migrationHosts'])(
    'may leave out %s or have it null, which is the same',
    (name) => {
      const { [name]: _, ...rest }: Readonly<Record<string, unknown>> = WHOLE;
      expect(parse(rest)).toEqual(parse({ ...WHOLE, [name]: null }));
      expect(parse(rest)).not.toHaveProperty(name);
    },
  );

  test.each([
    ['a status nobody documented', { status: 'PENDING' }, { status: 'PENDING' }],
    ['a lag of 0', { lagTimeSeconds: 0 }, { lagTimeSeconds: 0 }],
    ['no hosts', { migrationHosts: [] }, { migrationHosts: [] }],
    ['several hosts', { migrationHosts: ['a', 'b'] }, { migrationHosts: ['a', 'b'] }],
    ['its id alone', { _id: ID }, {}],
    [
      'a status and a host without a visible character',
      { status: '\u200B', migrationHosts: ['\u2060', 'a'] },
      { migrationHosts: ['a'] },
    ],
    ['fields of a later version', { status: 'NEW', progress: { percent: 3 } }, { status: 'NEW' }],
    [
      'control characters',
      { status: 'NEW\u0007\n', migrationHosts: ['a\u001B[31mb'] },
      { status: 'NEW', migrationHosts: ['a [31mb'] },
    ],
  ])('may have %s', (_, body, reading) => {
    expect(parse(body)).toEqual(reading);
  });

  test('may end in a line break and begin with space', () => {
    expect(parse(`\n ${JSON.stringify(WHOLE)}\r\n`)).toEqual(parse(WHOLE));
  });

  test('has 50 hosts read, each up to 255 characters, and says that there are more', () => {
    const hosts = Array.from({ length: 51 }, (_, index) => `${index + 10}${'h'.repeat(300)}`);
    const { migrationHosts = [] } = parse({ migrationHosts: hosts.toReversed() });
    expect(migrationHosts).toHaveLength(51);
    expect(migrationHosts.at(-1)).toBe('… [cut]');
    expect(migrationHosts.at(-2)).toMatch(/^59h/);
    for (const host of migrationHosts.slice(0, -1)) expect(host).toHaveLength(255);
  });

  test.each([
    ['nothing', '', 'The reply is empty.'],
    ['white space', ' \n', 'The reply is empty.'],
    ['an HTML page', '<html><body>Sign in</body></html>', 'The reply is not JSON.'],
    ['half an object', '{"_id":"7e68', 'The reply is not JSON.'],
    ['an empty object', {}, 'The reply holds none of the fields of a live migration.'],
    ['another object', { results: [] }, 'The reply holds none of the fields of a live migration.'],
    ['null', 'null', 'The reply has a value of the wrong type: the whole body.'],
    ['a list', [WHOLE], 'The reply has a value of the wrong type: the whole body.'],
    ['a deep list', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, /the whole body/],
    ['a status that is a number', { status: 1 }, 'The reply has a value of the wrong type: status.'],
    [
      'several wrong types, each named once',
      { readyForCutover: 'yes', lagTimeSeconds: '5', migrationHosts: [1, 2] },
      'The reply has a value of the wrong type: readyForCutover, lagTimeSeconds, migrationHosts.',
    ],
    ['a lag beyond any number', '{"lagTimeSeconds":1e999}', /lagTimeSeconds/],
    [
      'another _id',
      { ...WHOLE, _id: '000000000000000000000000' },
      'The reply is about another live migration (_id 000000000000000000000000).',
    ],
  ])('that is %s is a bad reply', (_, body, detail) => {
    expect(() => parse(body)).toThrow(AtlasError);
    expect(() => parse(body)).toThrow(
      expect.objectContaining({
        kind: 'bad_reply',
        detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
        remedy: expect.stringContaining('atlas.baseUrl'),
      }),
    );
  });

  test('of any kind is either read or a bad reply, and never anything else', () => {
    const value = jsonValue();
    const nearly = record(
      {
        _id: oneof(constant(ID), value),
        status: oneof(string({ unit: 'binary' }), value),
        readyForCutover: oneof(boolean(), constant(null), value),
        lagTimeSeconds: oneof(double(), constant(null), value),
        migrationHosts: oneof(string(), array(string()), value),
      },
      { requiredKeys: [] },
    ).map((body) => JSON.stringify(body));
    const anything = dictionary(string(), value).map((body) => JSON.stringify(body));
    let read = 0;
    assert(
      property(oneof(string(), json(), anything, nearly), (body) => {
        try {
          const reading = parse(body);
          read += 1;
          expect(Object.values(reading)).not.toContain(undefined);
          expect(Object.values(reading)).not.toContain(null);
        } catch (error) {
          expect(error).toMatchObject({ name: 'AtlasError', kind: 'bad_reply' });
        }
      }),
      { numRuns: 500 },
    );
    expect(read).toBeGreaterThan(0);
  });
});
