import { isScalar, LineCounter, parseAllDocuments } from 'yaml';
import type { Environment } from './interpolate.ts';
import { YAML_FAULTS } from './yaml-faults.ts';
import { isNotGiven, type KeyPath, lineFinder, type ReadTree, readTree } from './yaml-tree.ts';

/** Room for 10,000 migrations with sixteen labels each. */
const MAX_TEXT = 20_000_000;

/** The data of a file; `undefined` when its syntax makes it useless to look further. Problems lack the file name. */
export type ParsedDocument =
  | ({ readonly ok: true; readonly lineOf: LineOf } & ReadTree)
  | { readonly ok: false; readonly problems: readonly string[] };

/** Returns the line of a key, or of the closest section around it that is in the file. */
export type LineOf = (path: KeyPath) => number | undefined;

/**
 * Reads YAML (or JSON, its subset) and expands `${VAR}` in values. Scalars keep their text (YAML's failsafe schema),
 * so that an id such as `5e1234567890123456789012` does not become a number.
 * Problems are sentences that name line and column for syntax, the key for the rest, and never quote the file.
 */
export function parseDocument(text: string, env: Environment): ParsedDocument {
  const damage = findDamage(text);
  if (damage !== undefined) return refusal([damage]);
  const { documents, lines } = parse(text);
  const faults = new Map<number, string>();
  for (const { code, pos } of documents.flatMap(({ errors }) => errors)) {
    const { line, col } = lines.linePos(pos[0]);
    // One slip makes the parser stumble several times on the same line.
    if (!faults.has(line)) faults.set(line, `line ${line}, column ${col}: ${YAML_FAULTS[code]}`);
  }
  if (faults.size > 0) return refusal([...faults.values()]);
  const [document, second] = documents;
  if (document === undefined || isBlank(document.contents)) {
    return refusal(['the file is empty; write at least a list of migrations.']);
  }
  if (second !== undefined) {
    return refusal([
      'there are several YAML documents in the file; keep one, without a line of --- in between.',
    ]);
  }
  return { ok: true, lineOf: linesOf(text), ...readTree(document, lines, env) };
}

function parse(text: string) {
  const lines = new LineCounter();
  const documents = [
    ...parseAllDocuments(text, {
      schema: 'failsafe',
      uniqueKeys: false,
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'silent',
    }),
  ];
  return { documents, lines };
}

/** Parses the text again for the first line that is asked for: documents of 10,000 files would fill memory. */
function linesOf(text: string): LineOf {
  let find: LineOf | undefined;
  return (path) => {
    if (find === undefined) {
      const { documents, lines } = parse(text);
      find = documents[0] === undefined ? () => undefined : lineFinder(documents[0], lines);
    }
    return find(path);
  };
}

/** Returns a sentence about a text that is too long or is not what its author wrote: bytes that are not UTF-8 arrive as U+FFFD. */
function findDamage(text: string): string | undefined {
  if (text.length > MAX_TEXT) {
    return `the file is longer than ${MAX_TEXT / 1_000_000} million characters; is this the right file?`;
  }
  if (text.includes('\0')) {
    return 'the file is not UTF-8 text, but perhaps UTF-16 or no text at all; save it as UTF-8.';
  }
  const at = text.indexOf('\uFFFD');
  if (at < 0) return undefined;
  const before = text.slice(0, at).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: the file is not UTF-8 here, or holds U+FFFD, which stands for a character that was lost; save the file as UTF-8.`;
}

function refusal(problems: readonly string[]): ParsedDocument {
  return { ok: false, problems };
}

function isBlank(node: unknown): boolean {
  return node === null || (isScalar(node) && isNotGiven(node));
}
