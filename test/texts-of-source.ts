import { parseAst } from 'rolldown/parseAst';

/** A text of the program for people, and where it is. */
export interface SourceText {
  readonly line: number;
  readonly text: string;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [field: string]: unknown;
}

/**
 * Returns the texts for people in a source file: what has several words, or begins with a capital letter. A single word
 * in lower case may be a key, a field or a class. Markup, styles and classes are left out.
 */
export function textsOf(source: string, lang: 'ts' | 'tsx'): SourceText[] {
  const found: SourceText[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    if (!isNode(node) || isClass(node)) return;
    const text = textOf(node).replaceAll(tag, ' ').trim();
    if (isForPeople(text)) found.push({ line: source.slice(0, node.start).split('\n').length, text });
    Object.values(node).forEach(visit);
  };
  visit(parseAst(source, { lang }));
  return found;
}

const tag = /<[^<>]*>?/g;
const style = /^[:.@][\w-]+|[{};]/;

function isForPeople(text: string): boolean {
  return !style.test(text) && (/\S\s+\S/.test(text) || /^[A-Z][a-z]/.test(text));
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

function isClass({ type, name }: Node): boolean {
  return type === 'JSXAttribute' && isNode(name) && name.name === 'class';
}

function textOf({ type, value }: Node): string {
  if (type === 'TemplateElement') return (value as { readonly cooked?: string }).cooked ?? '';
  return ['Literal', 'JSXText'].includes(type) && typeof value === 'string' ? value : '';
}
