import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { parseSync } from 'rolldown/utils';
import { expect, test } from 'vitest';
import { configFor } from './atlas-by-hand.ts';
import { keyInEnvironment, runToEnd, temporaryFolder, writeConfig } from './program.ts';

const root = new URL('../..', import.meta.url).pathname;

/**
 * Returns what is called, or made with `new`, in statements of its own: `isIP`, `timer.unref`, `new URL`. The
 * arguments do not matter to a bundler.
 */
function standaloneCalls(code: string, file: string): readonly string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const each of node) visit(each);
    if (!isNode(node)) return;
    if (node.type === 'ExpressionStatement') {
      const call = withoutVoid(node.expression);
      if (isNode(call) && /^(?:Call|New)Expression$/.test(call.type) && isNode(call.callee)) {
        const callee = code.slice(Number(call.callee.start), Number(call.callee.end));
        if (/^[\w$]+(?:\.[\w$]+)*$/.test(callee) && !/^(?:this|super)\b/.test(callee))
          found.push(call.type === 'NewExpression' ? `new ${callee}` : callee);
      }
    }
    for (const value of Object.values(node)) visit(value);
  };
  visit(parseSync(file, code).program);
  return found;
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'type') === 'string';
}

function withoutVoid(expression: unknown): unknown {
  return isNode(expression) && expression.type === 'UnaryExpression' ? expression.argument : expression;
}

/** Returns those of the calls that the bundler drops where nothing uses their result. */
async function droppedCalls(calls: readonly string[]): Promise<readonly string[]> {
  const probes = calls.map((call, index) => `export function probe${index}(x) { ${call}(x); }`).join('\n');
  const bundle = await rolldown({
    input: 'probes',
    platform: 'node',
    plugins: [
      {
        name: 'probes',
        resolveId: (id) => (id === 'probes' ? id : undefined),
        load: (id) => (id === 'probes' ? probes : undefined),
      },
    ],
  });
  const { output } = await bundle.generate();
  const { code } = output[0];
  return calls.filter((_, index) => new RegExp(`function probe${index}\\(x\\) \\{\\s*\\}`).test(code));
}

test('no statement of the source calls only what the bundler takes for free of effects, and drops', async () => {
  expect(await droppedCalls(['decodeURIComponent', 'String', 'new URL', 'process.exit'])).toEqual([
    'decodeURIComponent',
    'String',
  ]);
  const files = globSync('src/**/*.ts', { cwd: root });
  const calls = new Set(
    files.flatMap((file) => standaloneCalls(readFileSync(join(root, file), 'utf8'), file)),
  );
  expect(calls.size).toBeGreaterThan(100);
  // To check that a call does not throw, use what it returns.
  expect(await droppedCalls([...calls])).toEqual([]);
});

test('a password with a stray % in the address of the proxy is refused by the built program', async () => {
  const config = writeConfig(temporaryFolder(), configFor('https://cloud.mongodb.com'));
  const env = { ...keyInEnvironment(), HTTPS_PROXY: 'http://bob:50%off@proxy.example:3128' };
  const { code, stderr } = await runToEnd(['validate', '-c', config], env);
  expect({ code, stderr }).toEqual({
    code: 78,
    stderr: expect.stringContaining('HTTPS_PROXY is not the address of a proxy (its value is not shown)'),
  });
  expect(stderr).not.toContain('50');
});
