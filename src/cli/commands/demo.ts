import { randomUUID } from 'node:crypto';
import { loadConfig } from '../../config/load.ts';
import { noNotifications } from '../../config/notification-secrets.ts';
import { memory } from '../../config/state-settings.ts';
import { runDaemon } from '../../daemon/daemon.ts';
import { openStandardOutput, type StandardOutput } from '../../daemon/stdout.ts';
import type { EventRecord } from '../../events/event-record.ts';
import { Redactor } from '../../events/redactor.ts';
import { type DemoFleet, demoFleet, fleetScripts } from '../../simulator/fleet.ts';
import { startSimulator } from '../../simulator/server.ts';
import { demoConfig } from '../demo/demo-config.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { programName, readVersion } from '../program-name.ts';
import { paint, type Style, say, wantsColor } from '../terminal.ts';
import { formatTable } from '../text-width.ts';
import { listenForDaemonStop, rendererFor } from './run.ts';

const stays = 'The status page stays there until you press Ctrl-C.';

/**
 * Plays a whole set of migrations: a simulated Atlas on the loopback interface, and the very daemon of `run`
 * watching it over HTTP. On a terminal its status page is served until somebody stops it; otherwise it ends when
 * everything is over.
 */
export async function demoCommand({ speed }: { readonly speed: number }): Promise<ExitCode> {
  const stop = listenForDaemonStop();
  const fleet = demoFleet(speed);
  const credentials = { type: 'apiKey', publicKey: 'demodemo', privateKey: randomUUID() } as const;
  const simulator = await startSimulator({
    credentials,
    migrations: fleetScripts(fleet.migrations, Date.now()),
  });
  try {
    say(introduction(fleet, simulator.baseUrl));
    const result = await loadConfig({
      file: 'demo',
      env: {},
      readFile: () => Promise.resolve(JSON.stringify(demoConfig(fleet, simulator.baseUrl))),
    });
    if (!result.ok) throw new Error(result.problems.join(' '));
    const seen: EventRecord[] = [];
    const isWatched = process.stdout.isTTY;
    let isSummed = false;
    const sumUp = (...more: readonly string[]): void => {
      isSummed = true;
      say(summary(fleet, seen, simulator.counts.total), ...more);
    };
    const output = following(openStandardOutput(await rendererFor(result.config)), {
      // The summary stays visible.
      isShown: ({ event }) => !(isSummed && event === 'watcher.heartbeat'),
      onShown: (record) => {
        seen.push(record);
        if (typeof record.httpAddress === 'string') say(addressLine(record.httpAddress));
        if (record.event === 'watcher.settled' && isWatched) sumUp('', stays);
      },
    });
    const redactor = new Redactor();
    redactor.register(credentials.privateKey);
    const { config } = result;
    const version = readVersion();
    const end = await runDaemon({
      settings: { config, credentials, notifications: noNotifications, state: memory },
      redactor,
      output,
      say,
      stop,
      version,
      once: false,
      exitWhenSettled: !isWatched,
    });
    if (!isSummed) sumUp();
    return end.reason.fault === undefined ? exitCode.done : exitCode.internal;
  } finally {
    await simulator.close();
  }
}

interface Follower {
  readonly isShown: (record: EventRecord) => boolean;
  readonly onShown: (record: EventRecord) => void;
}

/** Writes what is to be shown, and calls back with it. */
function following(output: StandardOutput, { isShown, onShown }: Follower): StandardOutput {
  return {
    write(line) {
      const record = JSON.parse(line) as EventRecord;
      if (!isShown(record)) return true;
      const isTaken = output.write(line);
      if (isTaken) onShown(record);
      return isTaken;
    },
    whenClosed: output.whenClosed,
    onRetry: (offerAgain) => output.onRetry(offerAgain),
  };
}

function introduction({ migrations, durationMs }: DemoFleet, baseUrl: string): string {
  const text = `A simulated Atlas at ${baseUrl} plays ${migrations.length} migrations, and cutover-watch polls it once a second for about ${Math.round(durationMs / 1000)} s. Days become seconds; everything else is as it would be.`;
  return `${text}\n`;
}

/** The address stands alone, to be seen and copied. */
function addressLine(address: string): string {
  return paint(wantsColor(process.stderr), 'bold', `Status page: ${address}/\n`);
}

type Ending = readonly [sign: string, style: Style | undefined, text: string];

const endings: Readonly<Record<string, Ending>> = {
  'migration.completed': ['✔', 'green', 'complete'],
  'migration.failed': ['✖', 'red', 'failed: see the Atlas console, then restart it from scratch'],
  'migration.expired': [
    '✖',
    'red',
    'expired: nobody cut over in time, which this program is there to prevent',
  ],
};

function summary({ migrations }: DemoFleet, seen: readonly EventRecord[], requests: number): string {
  const color = wantsColor(process.stderr);
  const rows = migrations.map(({ name }) => {
    const events = seen.filter(({ migration }) => migration === name).map(({ event }) => event);
    const ending = events.map((event) => endings[event]).find((end) => end !== undefined);
    const [sign, style, text] = ending ?? (['•', undefined, 'still under way'] satisfies Ending);
    const ready = events.filter((event) => event === 'migration.ready_for_cutover').length;
    return {
      style,
      cells: [name, ready === 0 ? 'never' : ready === 1 ? 'once' : `${ready} times`, `${sign} ${text}`],
    };
  });
  const program = programName(process.env);
  const [heading = '', ...lines] = formatTable([
    ['MIGRATION', 'READY', 'END'],
    ...rows.map(({ cells }) => cells),
  ])
    .trimEnd()
    .split('\n');
  return [
    '',
    paint(color, 'bold', heading),
    ...lines.map((line, index) => paint(color, rows[index]?.style, line)),
    '',
    `${seen.length} events from ${requests} requests.`,
    '',
    paint(color, 'bold', 'Next, your own migrations:'),
    `  1. ${program} init   asks for an API key (Organization Member is enough) and for their ids`,
    `  2. ${program} run    watches them`,
  ].join('\n');
}
