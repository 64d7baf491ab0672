import {
  ancestor,
  child,
  children,
  isFunction,
  type Module,
  type Modules,
  type Node,
  nameOf,
} from './structure-tree.ts';

/** A node, and the module that it is in. */
export interface Place {
  readonly module: Module;
  readonly node: Node;
}

/** Where a name gets its value. */
export interface Binding extends Place {
  readonly kind: 'parameter' | 'variable' | 'declaration';
  /** The properties that are taken out of the value of the parameter or variable, outermost first. */
  readonly path: readonly string[];
}

/** What is bound within functions and blocks, by the node that it is bound in and by name. */
export type Scopes = ReadonlyMap<Node, ReadonlyMap<string, Binding>>;

/** Returns what parameters, variables and functions bind. */
export function scopesOf(modules: Modules): Scopes {
  const scopes = new Map<Node, Map<string, Binding>>();
  const add = (scope: Node | undefined, pattern: Node | undefined, value: Omit<Binding, 'path'>): void => {
    if (scope === undefined) return;
    const names = scopes.get(scope) ?? new Map<string, Binding>();
    scopes.set(scope, names);
    for (const [name, path] of namesIn(pattern)) names.set(name, { ...value, path });
  };
  for (const module of modules.values())
    for (const node of module.nodes) {
      if (isFunction(node))
        for (const parameter of children(node, 'params'))
          add(node, parameter, { module, kind: 'parameter', node: parameter });
      if (node.type === 'FunctionDeclaration')
        add(scopeOf(module, node), child(node, 'id'), { module, kind: 'declaration', node });
      if (node.type === 'VariableDeclarator')
        add(scopeOf(module, node), child(node, 'id'), { module, kind: 'variable', node });
    }
  return scopes;
}

function scopeOf(module: Module, node: Node): Node | undefined {
  return ancestor(module, node, ({ type }) => /^(BlockStatement|Program|For\w*Statement)$/.test(type));
}

/** Returns the names that a pattern binds, each with the properties that lead to it. */
function namesIn(
  pattern: Node | undefined,
  path: readonly string[] = [],
): (readonly [string, readonly string[]])[] {
  switch (pattern?.type) {
    case 'Identifier':
      return [[nameOf(pattern), path]];
    case 'AssignmentPattern':
      return namesIn(child(pattern, 'left'), path);
    case 'RestElement':
      return namesIn(child(pattern, 'argument'), path);
    case 'ArrayPattern':
      return children(pattern, 'elements').flatMap((each) => namesIn(each, [...path, '[]']));
    case 'ObjectPattern':
      return children(pattern, 'properties').flatMap((each) =>
        each.type === 'RestElement'
          ? namesIn(each, path)
          : namesIn(child(each, 'value'), [...path, nameOf(child(each, 'key'))]),
      );
    default:
      return [];
  }
}
