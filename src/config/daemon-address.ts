import { defaultStatePath, type ReadFile, readConfigFile } from './config-file.ts';
import { parseDocument } from './document.ts';
import type { Environment } from './interpolate.ts';
import { type ListenAddress, parseListenAddress, usualListen } from './listen-address.ts';
import type { Tree } from './yaml-tree.ts';

/** Where the server of a configuration listens, or sentences for people about why that is unknown. */
type ListenResult =
  | { readonly ok: true; readonly address: ListenAddress }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The address in a configuration, and the state file, if any, beside which a running daemon writes its own. */
type DaemonAddress = ListenResult & { readonly statePath: string | undefined };

/**
 * Reads only `http.listen` and `state.path` of a configuration. That is much faster than reading all of it, and works
 * while the rest is invalid: a daemon keeps running while its file is being edited.
 */
export async function readDaemonAddress(
  file: string,
  env: Environment,
  readFile: ReadFile,
): Promise<DaemonAddress> {
  const isElsewhere = env.CUTOVER_WATCH_STATE_URL || env.CUTOVER_WATCH_STATE_URL_FILE;
  const fallback = { statePath: isElsewhere ? undefined : defaultStatePath(env) };
  const read = await readConfigFile(file, readFile, env);
  if (!read.ok) return { ...read, ...fallback };
  const document = parseDocument(read.text, env);
  if (!document.ok)
    return { ...refused(...document.problems.map((problem) => `${file}: ${problem}`)), ...fallback };
  const state = child(document.tree, 'state');
  const statePath = child(state, 'path');
  return {
    ...listenOf(file, child(child(document.tree, 'http'), 'listen') ?? usualListen),
    ...(child(state, 'urlFile') === undefined ? fallback : { statePath: undefined }),
    ...(typeof statePath === 'string' && { statePath }),
  };
}

function listenOf(file: string, listen: Tree): ListenResult {
  if (listen === 'false')
    return refused(
      `${file}: http.listen is false, so there is no server to ask. Set an address such as ${usualListen}, or disable the health check (docker run --no-healthcheck).`,
    );
  const address = typeof listen === 'string' ? parseListenAddress(listen) : undefined;
  if (address === undefined)
    return refused(`${file}: http.listen is invalid. Run cutover-watch validate to see why.`);
  if (address.port === 0)
    return refused(
      `${file}: http.listen asks for any free port, and no running watcher has written which one it got. Set a port.`,
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
