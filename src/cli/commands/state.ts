import { resolve } from 'node:path';
import { isDatabaseAddress, secretsOfDatabase } from '../../config/database-address.ts';
import { readAddressFile, type StateSettings } from '../../config/state-settings.ts';
import { files, patience } from '../../daemon/read-file.ts';
import { Redactor } from '../../events/redactor.ts';
import { type CopiedCounts, type CopySource, type CopyTarget, copyState } from '../../state/copy.ts';
import { FencedError, StateError } from '../../state/store.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { callerPath } from '../npm.ts';
import { print, say } from '../terminal.ts';

/** A place that the command line names, or what is wrong with it. */
type Place =
  | { readonly ok: true; readonly place: StateSettings }
  | { readonly ok: false; readonly code: ExitCode };

/** Copies the whole state of a watcher to a place where nothing is. */
export async function copyCommand(from: string, to: string): Promise<ExitCode> {
  const redactor = new Redactor();
  const [source, target] = [await placeOf('FROM', from, redactor), await placeOf('TO', to, redactor)];
  if (!source.ok) return source.code;
  if (!target.ok) return target.code;
  const opened: { source?: CopySource; target?: CopyTarget } = {};
  try {
    opened.source = await openSource(source.place);
    opened.target = await openTarget(target.place);
    const counts = await copyState(opened.source, opened.target);
    print(redactor.text(sentence(counts, opened.source.name, opened.target.name)));
    return exitCode.done;
  } catch (error) {
    if (!(error instanceof StateError || error instanceof FencedError)) throw error;
    say(redactor.text(error.message));
    return exitCode.state;
  } finally {
    await opened.target?.close();
    await opened.source?.close();
  }
}

async function placeOf(name: 'FROM' | 'TO', given: string, redactor: Redactor): Promise<Place> {
  if (isDatabaseAddress(given)) {
    say(
      `${name} is the address of a database, a secret that others can read in a command line. Put it into a file that only you can read, and write @ and the path of that file; change the password if somebody may have seen it.`,
    );
    return { ok: false, code: exitCode.usage };
  }
  if (!given.startsWith('@')) return { ok: true, place: { kind: 'file', path: pathOf(given) } };
  const found = await readAddressFile(pathOf(given.slice(1)), name, {
    readFile: (path) => files.readText(path, patience.start),
    stat: (path) => files.stat(path, patience.start),
  });
  if (!found.ok) {
    say(found.problem);
    return { ok: false, code: exitCode.configuration };
  }
  say(...found.warnings);
  for (const secret of secretsOfDatabase(found.text)) redactor.register(secret);
  return { ok: true, place: { kind: 'database', url: found.text, leaseMs: 0 } };
}

function pathOf(given: string): string {
  return resolve(callerPath(given, process.env, process.cwd()));
}

async function openSource(place: StateSettings): Promise<CopySource> {
  return place.kind === 'file'
    ? (await import('../../state/sqlite/copy.ts')).openFileSource(place.path, say)
    : (await import('../../state/postgres/copy.ts')).openDatabaseSource(place.url);
}

async function openTarget(place: StateSettings): Promise<CopyTarget> {
  return place.kind === 'file'
    ? (await import('../../state/sqlite/copy.ts')).openFileTarget(place.path)
    : (await import('../../state/postgres/copy.ts')).openDatabaseTarget(place.url);
}

const nouns: Readonly<Record<keyof CopiedCounts, readonly [one: string, several: string]>> = {
  migrations: ['migration', 'migrations'],
  events: ['event', 'events'],
  samples: ['lag sample', 'lag samples'],
  outages: ['outage', 'outages'],
  cursors: ['place of a receiver in the event log', 'places of receivers in the event log'],
  requests: ['waiting request', 'waiting requests'],
};

function sentence(counts: CopiedCounts, from: string, to: string): string {
  const parts = Object.entries(nouns).map(([kind, [one, several]]) => {
    const count = counts[kind as keyof CopiedCounts];
    return `${count} ${count === 1 ? one : several}`;
  });
  return `Copied from ${from} to ${to}: ${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}. From here on, let watchers use ${to} alone: one that goes on with ${from} reports the same again.`;
}
