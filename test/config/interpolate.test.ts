import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeDollars, interpolate } from '../../src/config/interpolate.ts';

const env = { HOST: 'db.example', EMPTY: '', DOLLAR: '$$ ${HOST} $&' };

describe('interpolate', () => {
  it.each([
    ['plain', 'plain'],
    ['https://${HOST}/x', 'https://db.example/x'],
    ['${HOST}${HOST}', 'db.exampledb.example'],
    ['[${EMPTY}]', '[]'],
    ['${EMPTY:-other}', 'other'],
    ['${NONE:-other}', 'other'],
    ['${NONE:-}', ''],
    ['${HOST:-other}', 'db.example'],
    ['${NONE:-a:-b}', 'a:-b'],
    ['${NONE:-a$$b$c}', 'a$b$c'],
    ['$$', '$'],
    ['$${HOST}', '${HOST}'],
    ['$$${HOST}', '$db.example'],
    ['$HOST $', '$HOST $'],
    ['${DOLLAR}', '$$ ${HOST} $&'],
    ['${constructor:-other}', 'other'],
  ])('makes %j into %j', (text, expanded) => {
    expect(interpolate(text, env)).toMatchObject({ ok: true, text: expanded });
  });

  it('names the variables that were used', () => {
    expect(interpolate('${HOST}${NONE:-x}${HOST}$${NOT}', env)).toMatchObject({
      variables: ['HOST', 'NONE'],
    });
  });

  it.each(['${', '${}', '${HOST', '${1A}', '${A B}', '${HOST-x}', '${HOST:x}', '${HOST:-x', '${A:-${HOST}}'])(
    'refuses %j as malformed',
    (text) => {
      expect(interpolate(text, env)).toMatchObject({
        ok: false,
        problems: [expect.stringMatching(/^has a \$\{ that does not begin /)],
      });
    },
  );

  it.each([46, 47, 60, 9_999])('refuses %i dollars without a closing brace at once', (count) => {
    const begun = process.threadCpuUsage();
    expect(interpolate(`\${A:-${'$'.repeat(count)}`, env)).toMatchObject({ ok: false });
    expect(process.threadCpuUsage(begun).user).toBeLessThan(250_000);
  });

  it('names every variable that is not set, once', () => {
    const result = interpolate('${B}${A}${B}', env);
    expect(result.ok ? [] : result.problems.map((problem) => problem.split(',')[0])).toEqual([
      'names the variable B',
      'names the variable A',
    ]);
  });

  it('gives any text back once its dollars are escaped', () => {
    const pieces = fc.constantFrom('$', '{', '}', '${', 'HOST', ':-', 'é', '\n', '$&', '$1');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces).map((parts) => parts.join('')),
        ),
        (text) => {
          expect(interpolate(escapeDollars(text), env)).toMatchObject({ ok: true, text, variables: [] });
        },
      ),
    );
  });

  it('puts any value in as it is, whatever it contains', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(interpolate('<${X}>', { X: value })).toMatchObject({ ok: true, text: `<${value}>` });
      }),
    );
  });
});
