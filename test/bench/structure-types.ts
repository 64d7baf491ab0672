import { type Binding, type Place, type Scopes, scopesOf } from './structure-scopes.ts';
import {
  ancestor,
  child,
  children,
  importedFile,
  type Module,
  type Modules,
  type Node,
  nameOf,
} from './structure-tree.ts';

const wrappers: ReadonlySet<string> = new Set([
  'ChainExpression',
  'ParenthesizedExpression',
  'TSNonNullExpression',
  'TSAsExpression',
  'TSSatisfiesExpression',
  'AwaitExpression',
]);
const utilityTypes: ReadonlySet<string> = new Set([
  'Readonly',
  'Partial',
  'Required',
  'Pick',
  'Omit',
  'NonNullable',
  'Promise',
]);

/** Returns an expression without what does not change which function it is. */
export function unwrapped(node: Node | undefined): Node | undefined {
  let at = node;
  while (at !== undefined && wrappers.has(at.type)) at = child(at, 'expression') ?? child(at, 'argument');
  return at;
}

/** Finds what the names and members of some modules mean, as far as their declarations say it. */
export class Types {
  readonly #modules: Modules;
  readonly #scopes: Scopes;

  constructor(modules: Modules) {
    this.#modules = modules;
    this.#scopes = scopesOf(modules);
  }

  /** Returns what a name means where this node is; undefined for what a package or the language provides. */
  bindingOf(module: Module, node: Node): Binding | undefined {
    const name = nameOf(node);
    for (let at = module.parents.get(node); at !== undefined; at = module.parents.get(at)) {
      const binding = this.#scopes.get(at)?.get(name);
      if (binding !== undefined) return this.#loaded(binding);
    }
    return this.#declared(module, name);
  }

  /** Returns the declaration of a member of what an expression yields. */
  memberOf(module: Module, object: Node | undefined, name: string): Place | undefined {
    const loaded = unwrapped(object);
    if (loaded?.type === 'ImportExpression') return this.#exported(importedFile(module.file, loaded), name);
    const type = this.#typeOf(module, object);
    return type && this.#lookUp(type, name);
  }

  /** Returns the declaration of the member that a binding takes its value from; undefined where it takes it whole. */
  memberOfBinding({ module, node, path, kind }: Binding): Place | undefined {
    const [first, ...rest] = path;
    if (first === undefined) return undefined;
    const root = kind === 'parameter' ? annotated(module, node) : this.#typeOfVariable(module, node);
    let member = root && this.#lookUp(root, first);
    for (const name of rest) {
      const type = member && this.#typeOfMember(member);
      member = type && this.#lookUp(type, name);
    }
    return member;
  }

  /** Whether a member is a property that holds a function. */
  holdsFunction({ module, node }: Place): boolean {
    const type = annotated(module, node);
    return type !== undefined && this.#isFunctionType(type);
  }

  /** Whether it is a function that takes nothing and returns a number, such as a clock. */
  holdsClock({ module, node }: Place): boolean {
    const type = annotated(module, node)?.node;
    const takesNothing = type?.type === 'TSFunctionType' && children(type, 'params').length === 0;
    return takesNothing && child(child(type, 'returnType'), 'typeAnnotation')?.type === 'TSNumberKeyword';
  }

  #isFunctionType({ module, node }: Place): boolean {
    if (node.type === 'TSFunctionType') return true;
    if (node.type === 'TSParenthesizedType') return this.#isFunctionType(inside(module, node));
    if (node.type === 'TSUnionType')
      return children(node, 'types').some((each) => this.#isFunctionType({ module, node: each }));
    if (node.type === 'TSIndexedAccessType') {
      const member = this.#indexed({ module, node });
      return (
        member?.node.type === 'TSMethodSignature' || (member !== undefined && this.holdsFunction(member))
      );
    }
    const alias = node.type === 'TSTypeReference' ? this.#declaredType({ module, node }) : undefined;
    return (
      alias?.node.type === 'TSTypeAliasDeclaration' && this.#isFunctionType(inside(alias.module, alias.node))
    );
  }

  /** A name that is loaded at run time means what the other file exports. */
  #loaded(binding: Binding): Binding {
    const value = unwrapped(child(binding.node, 'init'));
    const [name] = binding.path;
    if (value?.type !== 'ImportExpression' || name === undefined) return binding;
    return this.#exported(importedFile(binding.module.file, value), name) ?? binding;
  }

  #exported(file: string | undefined, name: string): Binding | undefined {
    const module = this.#modules.get(file ?? '');
    return module && this.#declared(module, name);
  }

  #declared(module: Module, name: string): Binding | undefined {
    const node = module.declarations.get(name);
    const kind = node?.type === 'VariableDeclarator' ? 'variable' : 'declaration';
    if (node !== undefined) return { module, node, kind, path: [] };
    const imported = module.imports.get(name);
    return imported && this.#exported(imported.file, imported.name);
  }

  #typeOf(module: Module, expression: Node | undefined): Place | undefined {
    const node = unwrapped(expression);
    switch (node?.type) {
      case 'ThisExpression': {
        const owner = ancestor(module, node, ({ type }) => type === 'ClassDeclaration');
        return owner && { module, node: owner };
      }
      case 'Identifier': {
        const binding = this.bindingOf(module, node);
        if (binding === undefined) return undefined;
        // Its static members are found as those of its instances are.
        if (binding.node.type === 'ClassDeclaration') return binding;
        const member = this.memberOfBinding(binding);
        if (member !== undefined) return this.#typeOfMember(member);
        if (binding.path.length > 0) return undefined;
        return binding.kind === 'parameter'
          ? annotated(binding.module, binding.node)
          : this.#typeOfVariable(binding.module, binding.node);
      }
      case 'MemberExpression': {
        const member = this.memberOf(module, child(node, 'object'), nameOf(child(node, 'property')));
        return member && this.#typeOfMember(member);
      }
      case 'NewExpression':
      case 'CallExpression': {
        const callee = unwrapped(child(node, 'callee'));
        const made =
          callee?.type === 'MemberExpression'
            ? this.memberOf(module, child(callee, 'object'), nameOf(child(callee, 'property')))
            : callee && this.bindingOf(module, callee);
        if (made?.node.type === 'ClassDeclaration') return made;
        return made && returned(made);
      }
      case 'LogicalExpression':
        return this.#typeOf(module, child(node, 'left')) ?? this.#typeOf(module, child(node, 'right'));
      default:
        return undefined;
    }
  }

  #typeOfVariable(module: Module, node: Node): Place | undefined {
    return annotated(module, node) ?? this.#typeOf(module, child(node, 'init'));
  }

  #typeOfMember({ module, node }: Place): Place | undefined {
    if (node.type === 'MethodDefinition') return returned({ module, node });
    return annotated(module, node) ?? this.#typeOf(module, child(node, 'value'));
  }

  #lookUp({ module, node }: Place, name: string): Place | undefined {
    const within = (others: readonly Node[]): Place | undefined =>
      others.map((other) => this.#lookUp({ module, node: other }, name)).find((found) => found !== undefined);
    switch (node.type) {
      case 'TSInterfaceDeclaration':
      case 'ClassDeclaration': {
        const found = children(child(node, 'body'), 'body').find(
          (each) => nameOf(child(each, 'key')) === name,
        );
        return found === undefined ? within(basesOf(node)) : { module, node: found };
      }
      case 'TSTypeLiteral': {
        const found = children(node, 'members').find((each) => nameOf(child(each, 'key')) === name);
        return found && { module, node: found };
      }
      case 'TSTypeAliasDeclaration':
      case 'TSTypeOperator':
        return this.#lookUp(inside(module, node), name);
      case 'TSUnionType':
      case 'TSIntersectionType':
        return within(children(node, 'types'));
      case 'TSIndexedAccessType': {
        const member = this.#indexed({ module, node });
        const type = member && annotated(member.module, member.node);
        return type && this.#lookUp(type, name);
      }
      case 'Identifier':
      case 'TSTypeReference': {
        const declared = this.#declaredType({ module, node });
        return declared && this.#lookUp(declared, name);
      }
      default:
        return undefined;
    }
  }

  #indexed({ module, node }: Place): Place | undefined {
    const [object, index] = [child(node, 'objectType'), child(child(node, 'indexType'), 'literal')];
    return object && this.#lookUp({ module, node: object }, nameOf(index));
  }

  #declaredType({ module, node }: Place): Place | undefined {
    const name = nameOf(node.type === 'Identifier' ? node : child(node, 'typeName'));
    const declared = this.#declared(module, name);
    if (declared !== undefined || !utilityTypes.has(name)) return declared;
    const [argument] = children(child(node, 'typeArguments'), 'params');
    return argument && { module, node: argument };
  }
}

/** Returns the type that is written down beside a parameter, a variable, a field or a member. */
function annotated(module: Module, node: Node): Place | undefined {
  const owner = node.type === 'AssignmentPattern' ? child(node, 'left') : node;
  const holder = owner?.type === 'VariableDeclarator' ? child(owner, 'id') : owner;
  const type = child(child(holder, 'typeAnnotation'), 'typeAnnotation');
  return type && { module, node: type };
}

/** Returns the type that a function is declared to return. */
function returned({ module, node }: Place): Place | undefined {
  const type = child(child(child(node, 'value') ?? node, 'returnType'), 'typeAnnotation');
  return type && { module, node: type };
}

function inside(module: Module, node: Node): Place {
  return { module, node: child(node, 'typeAnnotation') ?? node };
}

function basesOf(node: Node): Node[] {
  const extended = children(node, 'extends').map((each) => child(each, 'expression'));
  return [...extended, child(node, 'superClass')].filter((base) => base !== undefined);
}
