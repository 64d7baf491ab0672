import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { parseSync } from 'rolldown/utils';

/** A node of the syntax tree, as ESTree and its TypeScript extension define it. Offsets are those of the source. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [property: string]: unknown;
}

interface Import {
  /** Path below the tree; undefined for a package. */
  readonly file: string | undefined;
  readonly name: string;
}

/** One source file. */
export interface Module {
  readonly file: string;
  readonly text: string;
  readonly lines: number;
  readonly program: Node;
  readonly nodes: readonly Node[];
  readonly parents: ReadonlyMap<Node, Node>;
  /** By local name. */
  readonly imports: ReadonlyMap<string, Import>;
  /** Files that it imports, and whether it imports types alone. */
  readonly importedFiles: ReadonlyMap<string, 'types' | 'values'>;
  /** What it declares outside of functions, by name. */
  readonly declarations: ReadonlyMap<string, Node>;
}

export type Modules = ReadonlyMap<string, Module>;

/** Reads all TypeScript below `src`. */
export function readModules(tree: string): Modules {
  const files = filesBelow(tree, 'src', /\.ts$/);
  return new Map(files.map((file) => [file, parseModule(file, readFileSync(join(tree, file), 'utf8'))]));
}

/** Returns the paths of these files, below the tree. */
export function filesBelow(tree: string, folder: string, name: RegExp): string[] {
  return readdirSync(join(tree, folder), { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => posix.relative(tree, join(entry.parentPath, entry.name)))
    .filter((path) => !path.includes('node_modules'))
    .toSorted();
}

/** All lines, those of comments and empty ones included. */
export function linesOf(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

/** Returns what a property of a node holds: a node, or undefined. */
export function child(node: Node | undefined, property: string): Node | undefined {
  const value = node?.[property];
  return isNode(value) ? value : undefined;
}

export function children(node: Node | undefined, property: string): Node[] {
  const value = node?.[property];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** Returns the name of an identifier, a private one with its `#`, or the text of a literal. */
export function nameOf(node: Node | undefined): string {
  if (node?.type === 'PrivateIdentifier') return `#${String(node.name)}`;
  const name = node?.name ?? node?.value;
  return typeof name === 'string' ? name : '';
}

export function isFunction(node: Node | undefined): node is Node {
  return /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node?.type ?? '');
}

/** Returns the nearest node around this one that passes. */
export function ancestor(module: Module, node: Node, passes: (node: Node) => boolean): Node | undefined {
  for (let at = module.parents.get(node); at !== undefined; at = module.parents.get(at))
    if (passes(at)) return at;
  return undefined;
}

function parseModule(file: string, text: string): Module {
  const { program, errors } = parseSync(file, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${file}: ${error.message}`);
  const nodes: Node[] = [];
  const parents = new Map<Node, Node>();
  const visit = (node: Node): void => {
    nodes.push(node);
    for (const value of Object.values(node).flat())
      if (isNode(value)) {
        parents.set(value, node);
        visit(value);
      }
  };
  const root = program as unknown as Node;
  visit(root);
  return {
    file,
    text,
    lines: linesOf(text),
    program: root,
    nodes,
    parents,
    ...importsOf(file, nodes),
    declarations: declarationsOf(root),
  };
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function importsOf(file: string, nodes: readonly Node[]): Pick<Module, 'imports' | 'importedFiles'> {
  const imports = new Map<string, Import>();
  const importedFiles = new Map<string, 'types' | 'values'>();
  for (const node of nodes) {
    if (node.type !== 'ImportDeclaration' && node.type !== 'ImportExpression') continue;
    const imported = importedFile(file, node);
    const names = children(node, 'specifiers');
    for (const name of names)
      imports.set(nameOf(child(name, 'local')), { file: imported, name: nameOf(child(name, 'imported')) });
    if (imported === undefined) continue;
    const isType = (each: Node): boolean => each.importKind === 'type';
    const isTypes = isType(node) || (names.length > 0 && names.every(isType));
    if (!isTypes || !importedFiles.has(imported)) importedFiles.set(imported, isTypes ? 'types' : 'values');
  }
  return { imports, importedFiles };
}

/** Returns the file of a declaration or expression of an import; undefined when that is a package. */
export function importedFile(file: string, node: Node): string | undefined {
  const source = nameOf(child(node, 'source'));
  return source.startsWith('.') ? posix.join(dirname(file), source) : undefined;
}

function declarationsOf(program: Node): Map<string, Node> {
  const declarations = new Map<string, Node>();
  for (const statement of children(program, 'body')) {
    const node = child(statement, 'declaration') ?? statement;
    const id = child(node, 'id');
    if (id !== undefined) declarations.set(nameOf(id), node);
    for (const variable of children(node, 'declarations'))
      declarations.set(nameOf(child(variable, 'id')), variable);
  }
  return declarations;
}
