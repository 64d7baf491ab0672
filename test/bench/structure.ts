/**
 * Counts what makes the code easy or hard to follow, so that a change of structure can be judged: run it before and
 * after. For the tree that it is part of it also counts the events of outages. Usage: npm run bench:structure [-- --tree FOLDER --json --list]
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { outageTable, playOutages } from './outage-scenarios.ts';
import { formatTable, print } from './report.ts';
import { type Call, callsOf } from './structure-calls.ts';
import { runOnePoll } from './structure-poll.ts';
import {
  type ClassShape,
  classesOf,
  foldersInCircles,
  foldersInPairs,
  linesOfFile,
  parametersOf,
  shortestPath,
  sizesOf,
} from './structure-shape.ts';
import { readModules } from './structure-tree.ts';

type Row = readonly [what: string, count: number, which?: string];

const entry = 'src/main.ts';
const request = 'src/atlas/client.ts';
const mostFields = 8;
const mostParameters = 4;

const ownTree = new URL('../..', import.meta.url).pathname;
const { values } = parseArgs({
  options: {
    tree: { type: 'string', default: ownTree },
    json: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
const tree = resolve(values.tree);
const modules = readModules(tree);
for (const file of [entry, request]) if (!modules.has(file)) throw new Error(`${tree} has no ${file}.`);
const { start, poll } = await runOnePoll(tree);
const calls = callsOf(modules, poll);
const named = poll.filter(({ name }) => name !== '');
const byFile = Map.groupBy(named, ({ file }) => file);
const injected = calleesOf('injected');
const interfaces = calleesOf('interface');

const outages = tree === resolve(ownTree) ? await playOutages() : [];
const rows = [...sizeRows(), ...pollRows(), ...shapeRows(), ...folderRows()];
if (values.json) {
  const figures = rows.map(([what, count, which]) => ({ what, count, ...(which && { which }) }));
  print(JSON.stringify({ figures, outages, ...(values.list && { lists: lists() }) }, undefined, 2));
} else {
  print(
    formatTable(
      ['', 'count'],
      rows.map(([what, count]) => [what, String(count)]),
    ),
  );
  print(rows.flatMap(([what, , which]) => (which ? [`${what}:\n  ${which}`] : [])).join('\n'));
  if (outages.length > 0) print(outageTable(outages));
  if (values.list)
    for (const [what, all] of Object.entries(lists())) print([`${what}:`, ...all].join('\n  '));
}

function sizeRows(): Row[] {
  const [source, test] = [sizesOf(tree, 'src'), sizesOf(tree, 'test')];
  return [
    ['files of src', source.files],
    ['lines of src, comments and empty lines included', source.lines],
    ['median lines of a file of src', source.medianLines],
    ['files of src over 300 lines', source.over300],
    ['files of src under 20 lines', source.under20],
    ['files of test', test.files],
    ['lines of test', test.lines],
    ['lines of README.md', linesOfFile(tree, 'README.md')],
  ];
}

function pollRows(): Row[] {
  const clocks = [...injected.values()].filter((isClock) => isClock).length;
  const imports = shortestPath(importsOfRun(), entry, request);
  const followed = shortestPath(phasedCalls(), `start ${entry}`, `poll ${request}`);
  const files = [...new Set(followed.map((place) => place.split(' ')[1] ?? ''))];
  return [
    ['files entered by one quiet poll', byFile.size],
    ['named functions run by it', named.length],
    ['injected functions crossed by it, clocks and the like aside', injected.size - clocks],
    ['injected clocks and the like crossed by it', clocks],
    ['methods of interfaces crossed by it', interfaces.size],
    ['files from main to the request, along imports', imports.length, imports.join(' > ')],
    ['files from main to the request, along calls', files.length, files.join(' > ')],
  ];
}

function shapeRows(): Row[] {
  const classes = classesOf(modules);
  const parameters = parametersOf(modules).toSorted((one, other) => other.count - one.count);
  const most = parameters[0]?.count ?? 0;
  const largest = (what: string, of: (shape: ClassShape) => number): Row => {
    const [shape] = classes.toSorted((one, other) => of(other) - of(one));
    return shape === undefined ? [what, 0] : [what, of(shape), `${shape.name} in ${shape.file}`];
  };
  return [
    ['classes', classes.length],
    largest('most private fields of a class', ({ privateFields }) => privateFields),
    largest('most methods of a class', ({ methods }) => methods),
    largest('most lines of a class', ({ lines }) => lines),
    [
      `classes with more than ${mostFields} private fields`,
      classes.filter(({ privateFields }) => privateFields > mostFields).length,
    ],
    [
      'most positional parameters of a function',
      most,
      parameters
        .filter(({ count }) => count === most)
        .map(({ name, file }) => `${name} in ${file}`)
        .join(', '),
    ],
    [
      `functions with more than ${mostParameters} positional parameters`,
      parameters.filter(({ count }) => count > mostParameters).length,
    ],
  ];
}

function folderRows(): Row[] {
  const circles = foldersInCircles(modules);
  const pairs = foldersInPairs(modules, false);
  const nested = foldersInPairs(modules, true);
  return [
    [
      'circles of folders right below src',
      circles.length,
      circles.map((circle) => circle.join(' = ')).join(', '),
    ],
    ['pairs of folders side by side that import each other', pairs.length, pairs.join(', ')],
    ['folders that import the one they are in, and are imported by it', nested.length, nested.join(', ')],
  ];
}

/** Returns the callees of this kind, and whether each is a clock. */
function calleesOf(kind: 'injected' | 'interface'): Map<string, boolean> {
  return new Map(
    calls.flatMap(({ to }) =>
      to.kind === kind ? [[`${to.name} in ${to.file}`, to.kind === 'injected' && to.isClock] as const] : [],
    ),
  );
}

/** Returns which file imports which, of those with a function that has run, imports of types alone left out. */
function importsOfRun(): Map<string, Set<string>> {
  const entered = new Set([...start, ...poll].map(({ file }) => file));
  return new Map(
    [...entered].map((file) => [
      file,
      new Set(
        [...(modules.get(file)?.importedFiles ?? [])]
          .filter(([to, what]) => what === 'values' && entered.has(to))
          .map(([to]) => to),
      ),
    ]),
  );
}

/** Returns which file calls which: first what runs at the start alone, then, from any of its files on, what the poll runs. */
function phasedCalls(): Map<string, Set<string>> {
  const arrows = new Map<string, Set<string>>();
  const add = (from: string, to: string): void => {
    const own = arrows.get(from) ?? new Set<string>();
    arrows.set(from, own.add(to));
  };
  const polling = new Set(poll.map(placeOf));
  const starting = start.filter((run) => !polling.has(placeOf(run)));
  const addAll = (phase: string, made: readonly Call[]): void => {
    for (const { from, to } of made) add(`${phase} ${from}`, `${phase} ${to.file}`);
  };
  addAll('start', callsOf(modules, starting));
  addAll('poll', calls);
  for (const { file } of poll) if (file !== request) add(`start ${file}`, `poll ${file}`);
  return arrows;
}

function placeOf({ file, start: from, end }: (typeof poll)[number]): string {
  return `${file} ${from} ${end}`;
}

function lists(): Record<string, string[]> {
  const clocks = [...injected].filter(([, isClock]) => isClock).map(([name]) => name);
  return {
    'Files entered by one quiet poll, and the named functions that run': [...byFile]
      .map(([file, functions]) => `${file}: ${functions.map(({ name }) => name).join(', ')}`)
      .toSorted(),
    'Injected functions crossed by it': [...injected.keys()].filter((name) => !clocks.includes(name)),
    'Clocks crossed by it': clocks,
    'Methods of interfaces crossed by it': [...interfaces.keys()],
    'Classes with more private fields than that': classesOf(modules)
      .filter(({ privateFields }) => privateFields > mostFields)
      .map(({ name, file, privateFields }) => `${name} in ${file}: ${privateFields}`),
    'Functions with more positional parameters than that': parametersOf(modules)
      .filter(({ count }) => count > mostParameters)
      .map(({ name, file, count }) => `${name} in ${file}: ${count}`),
  };
}
