import { type ReadFile, readConfigFile } from './config-file.ts';
import { parseDocument } from './document.ts';
import type { Environment } from './interpolate.ts';
import { type ListenAddress, parseListenAddress, usualListen } from './listen-address.ts';
import { defaultStatePath } from './state-path.ts';
import type { Tree } from './yaml-tree.ts';

/** Where the server of a configuration listens, or why nobody can know: sentences for people. */
type ListenResult =
  | { readonly ok: true; readonly address: ListenAddress }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Where a daemon may be found: by its configuration, and by what it leaves beside its state file, if it has one. */
type Whereabouts = ListenResult & { readonly statePath: string | undefined };

/**
 * Reads nothing of a configuration but `http.listen` and `state.path`, at a fraction of the time, and whatever is wrong
 * with the rest: a daemon goes on with what it has while its file is being edited.
 */
export async function readWhereabouts(
  file: string,
  env: Environment,
  readFile: ReadFile,
): Promise<Whereabouts> {
  const usual = { statePath: defaultStatePath(env) };
  const read = await readConfigFile(file, readFile);
  if (!read.ok) return { ...read, ...usual };
  const document = parseDocument(read.text, env);
  if (!document.ok)
    return { ...refused(...document.problems.map((problem) => `${file}: ${problem}`)), ...usual };
  const statePath = child(child(document.tree, 'state'), 'path');
  return {
    ...listenOf(file, child(child(document.tree, 'http'), 'listen') ?? usualListen),
    ...(typeof statePath === 'string' ? { statePath } : usual),
  };
}

function listenOf(file: string, listen: Tree): ListenResult {
  if (listen === 'false')
    return refused(
      `${file}: http.listen is false, so there is no server to ask. Give it an address such as ${usualListen}, or have no health check (docker run --no-healthcheck).`,
    );
  const address = typeof listen === 'string' ? parseListenAddress(listen) : undefined;
  if (address === undefined)
    return refused(`${file}: http.listen cannot be read; cutover-watch validate says what is wrong with it.`);
  if (address.port === 0)
    return refused(
      `${file}: http.listen asks for any free port, which nobody can know. Give it a port of its own.`,
    );
  return { ok: true, address };
}

function refused(...problems: readonly string[]): ListenResult {
  return { ok: false, problems };
}

function child(tree: Tree, key: string): Tree {
  if (typeof tree !== 'object' || Array.isArray(tree)) return undefined;
  return (tree as { readonly [key: string]: Tree })[key];
}
