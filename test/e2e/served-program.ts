import { type Answered, type Asked, ask } from '../server/served.ts';
import { type Program, start, temporaryFolder, writeConfig } from './program.ts';

export interface ServedProgram {
  readonly program: Program;
  readonly folder: string;
  readonly file: string;
  readonly origin: string;
  readonly ask: (path: string, how?: Asked) => Promise<Answered>;
}

/** Starts the daemon with its HTTP server on any free port, and waits until it says where that is. */
export async function startServed(config: Record<string, object>, http: object = {}): Promise<ServedProgram> {
  const folder = temporaryFolder();
  const file = writeConfig(folder, { ...config, http: { listen: '127.0.0.1:0', ...http } });
  const program = start(['run', '-c', file]);
  const { httpAddress: origin } = await program.until(({ event }) => event === 'watcher.started');
  if (typeof origin !== 'string') throw new Error('The program does not say where its server is.');
  return { program, folder, file, origin, ask: (path, how) => ask(origin, path, how) };
}
