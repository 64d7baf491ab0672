import type { FunctionRun } from './structure-poll.ts';
import type { Binding, Place } from './structure-scopes.ts';
import {
  ancestor,
  child,
  isFunction,
  type Module,
  type Modules,
  type Node,
  nameOf,
} from './structure-tree.ts';
import { Types, unwrapped } from './structure-types.ts';

/** What a call leads to. */
type Callee =
  /** A function, class or method that its name leads to. */
  | { readonly kind: 'declared'; readonly file: string }
  /** A method of an interface: its name leads to the interface. */
  | { readonly kind: 'interface'; readonly file: string; readonly name: string }
  /**
   * A function that was received: as a member of an object, as a field, or as a parameter of a method or of a function
   * that other files may call. A clock takes nothing and returns a number.
   */
  | { readonly kind: 'injected'; readonly file: string; readonly name: string; readonly isClock: boolean };

export interface Call {
  readonly from: string;
  readonly to: Callee;
}

/** Returns the calls that these functions make, as far as the declarations in the source say where they lead. */
export function callsOf(modules: Modules, runs: readonly FunctionRun[]): Call[] {
  const types = new Types(modules);
  return [...Map.groupBy(runs, ({ file }) => file)].flatMap(([file, ran]) => {
    const module = modules.get(file);
    if (module === undefined) return [];
    const runOf = new Map(ran.map((run) => [functionOf(module, run), run]));
    return module.nodes.flatMap((node) => {
      if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return [];
      const run = runOf.get(ancestor(module, node, isFunction) ?? module.program);
      if (run === undefined || run.skipped.some(([start, end]) => start <= node.start && node.end <= end))
        return [];
      const to = calleeOf(types, module, node);
      return to === undefined ? [] : [{ from: file, to }];
    });
  });
}

/** V8 and the parser agree about where a function ends, but not about where a method begins. */
function functionOf(module: Module, { start, end }: FunctionRun): Node {
  if (start === 0 && end >= module.program.end) return module.program;
  const ending = module.nodes.filter((node) => isFunction(node) && node.end === end);
  const distance = (node: Node): number => Math.abs(node.start - start);
  return ending.toSorted((one, other) => distance(one) - distance(other))[0] ?? module.program;
}

function calleeOf(types: Types, module: Module, call: Node): Callee | undefined {
  const callee = unwrapped(child(call, 'callee'));
  if (callee?.type === 'Identifier') {
    const binding = types.bindingOf(module, callee);
    return binding && calleeOfBinding(types, binding);
  }
  if (callee?.type !== 'MemberExpression') return undefined;
  const member = types.memberOf(module, child(callee, 'object'), nameOf(child(callee, 'property')));
  return member && calleeOfMember(types, member);
}

function calleeOfBinding(types: Types, binding: Binding): Callee | undefined {
  const { kind, module, node, path } = binding;
  const { file } = module;
  if (kind === 'declaration') return { kind: 'declared', file };
  const member = types.memberOfBinding(binding);
  if (member !== undefined) return calleeOfMember(types, member);
  if (kind === 'parameter') {
    const receiver = ancestor(module, node, isFunction);
    // A function that only this file can call gets its arguments in sight of the reader.
    if (path.length === 0 && isLocal(module, receiver)) return undefined;
    const name = path.at(-1) ?? nameOf(node.type === 'AssignmentPattern' ? child(node, 'left') : node);
    const isClock = path.length === 0 && types.holdsClock(binding);
    return { kind: 'injected', file, name: `${functionName(module, receiver)}(${name})`, isClock };
  }
  const value = unwrapped(child(node, 'init'));
  if (value?.type === 'MemberExpression') {
    const taken = types.memberOf(module, child(value, 'object'), nameOf(child(value, 'property')));
    return taken && calleeOfMember(types, taken);
  }
  return isFunction(value) ? { kind: 'declared', file } : undefined;
}

function calleeOfMember(types: Types, member: Place): Callee | undefined {
  const { module, node } = member;
  const { file } = module;
  const name = `${ownerName(module, node)}.${nameOf(child(node, 'key'))}`;
  switch (node.type) {
    case 'MethodDefinition':
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      return { kind: 'declared', file };
    case 'TSMethodSignature':
      return { kind: 'interface', file, name };
    case 'PropertyDefinition':
      if (isFunction(child(node, 'value'))) return { kind: 'declared', file };
      return { kind: 'injected', file, name, isClock: types.holdsClock(member) };
    case 'TSPropertySignature':
      return types.holdsFunction(member)
        ? { kind: 'injected', file, name, isClock: types.holdsClock(member) }
        : undefined;
    default:
      return undefined;
  }
}

/** Whether only its own file can call it by name. */
function isLocal(module: Module, receiver: Node | undefined): boolean {
  if (receiver === undefined) return true;
  if (receiver.type !== 'FunctionDeclaration')
    return module.parents.get(receiver)?.type !== 'MethodDefinition';
  return module.parents.get(receiver)?.type !== 'ExportNamedDeclaration';
}

function ownerName(module: Module, node: Node): string {
  const owner = ancestor(module, node, (each) => child(each, 'id') !== undefined || isFunction(each));
  return isFunction(owner) ? functionName(module, owner) : nameOf(child(owner, 'id'));
}

/** Returns the name of a function: its own, or that of the variable or method that holds it. */
export function functionName(module: Module, node: Node | undefined): string {
  const own = child(node, 'id');
  if (node === undefined || own !== undefined) return nameOf(own);
  const holder = module.parents.get(node);
  if (holder?.type === 'MethodDefinition') {
    const owner = ancestor(module, holder, ({ type }) => type === 'ClassDeclaration');
    return `${nameOf(child(owner, 'id'))}.${nameOf(child(holder, 'key'))}`;
  }
  return nameOf(child(holder, 'id') ?? child(holder, 'key')) || 'a function';
}
