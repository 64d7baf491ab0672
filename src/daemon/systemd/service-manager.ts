import type { Liveness } from '../../watch/liveness.ts';
import type { SendNotification } from './notify-socket.ts';
import { openNotifySocket } from './notify-socket.ts';

/** The current facts that the service manager is notified of. */
export interface Reported {
  /** Returns a summary in one line. */
  readonly status: () => string;
  readonly liveness: () => Liveness;
}

export interface ServiceManagerOptions {
  readonly send: SendNotification;
  /** After this time without a keep-alive, the service manager kills the program, in ms; undefined: never. */
  readonly watchdogMs: number | undefined;
  /** CLOCK_MONOTONIC, in ms. */
  readonly monotonic: () => number;
  /** Called once, with the code of a permanent error. */
  readonly onFailure: (errorCode: string) => void;
}

const lookEveryMs = 1_000;

/**
 * Returns the watchdog timeout of this process, in ms: WATCHDOG_USEC, unless WATCHDOG_PID names another process
 * (sd_watchdog_enabled(3)).
 */
export function watchdogMsOf(env: Readonly<Record<string, string | undefined>>, pid: number) {
  const { WATCHDOG_USEC: usec = '', WATCHDOG_PID: forPid = '' } = env;
  const isForUs = forPid === '' || forPid === String(pid);
  return isForUs && /^[1-9]\d{0,15}$/.test(usec) ? Number(usec) / 1000 : undefined;
}

/** Notifies the service manager of the state of the daemon (sd_notify(3)). A message that cannot be sent now is sent later. */
export class ServiceManager {
  readonly #options: ServiceManagerOptions;
  readonly #unsent: string[] = [];
  #reported: Reported | undefined;
  #status = '';
  #beatAt = Number.NEGATIVE_INFINITY;
  #looking: NodeJS.Timeout | undefined;
  #failed = false;

  constructor(options: ServiceManagerOptions) {
    this.#options = options;
  }

  /** Reports that the daemon has started, and from now on its status. */
  ready(reported: Reported): void {
    this.#reported = reported;
    this.#send('READY=1');
    this.look();
    const { watchdogMs = Number.POSITIVE_INFINITY } = this.#options;
    // Four checks in the watchdog's time: two of them may be late.
    this.#looking = setInterval(() => this.look(), Math.min(lookEveryMs, watchdogMs / 4)).unref();
  }

  /** Sends a changed status, and the keep-alive when it is due and the poll loop runs. */
  look(): void {
    this.#flush();
    // While messages wait, no more are added: only the latest status matters later.
    if (this.#reported === undefined || this.#unsent.length > 0) return;
    const liveness = this.#reported.liveness();
    const status = liveness.alive ? this.#reported.status() : liveness.reason;
    if (status !== this.#status) this.#send(`STATUS=${status}`);
    this.#status = status;
    const { watchdogMs, monotonic } = this.#options;
    const now = monotonic();
    if (liveness.alive && watchdogMs !== undefined && now - this.#beatAt >= watchdogMs / 2) {
      this.#beatAt = now;
      this.#send('WATCHDOG=1');
    }
  }

  reloading(): void {
    const microseconds = Math.floor(this.#options.monotonic() * 1000);
    this.#send('RELOADING=1', `MONOTONIC_USEC=${microseconds}`);
  }

  reloaded(): void {
    this.#send('READY=1');
  }

  /** Reports that the shutdown has begun. Sends nothing after that. */
  stopping(reason: string): void {
    clearInterval(this.#looking);
    this.#send('STOPPING=1', `STATUS=Stopping: ${reason}`);
    this.#reported = undefined;
  }

  #send(...assignments: readonly string[]): void {
    if (this.#reported === undefined) return;
    this.#unsent.push(assignments.join('\n'));
    this.#flush();
  }

  #flush(): void {
    for (let next = this.#unsent[0]; next !== undefined; next = this.#unsent[0]) {
      const sent = this.#options.send(next);
      if (sent === 'full') return;
      if (sent !== 'sent') this.#fail(sent.errorCode);
      this.#unsent.shift();
    }
  }

  #fail(errorCode: string): void {
    if (!this.#failed) this.#options.onFailure(errorCode);
    this.#failed = true;
  }
}

/**
 * Returns the service manager that started this process, if it wants notifications ($NOTIFY_SOCKET). `say` writes a
 * sentence for people if they cannot be sent.
 */
export async function connectServiceManager(
  env: Readonly<Record<string, string | undefined>>,
  say: (sentence: string) => void,
): Promise<ServiceManager | undefined> {
  const { NOTIFY_SOCKET: address = '' } = env;
  if (address === '') return undefined;
  const socket = await openNotifySocket(address);
  if (!socket.ok) {
    say(socket.problem);
    return undefined;
  }
  return new ServiceManager({
    send: socket.send,
    watchdogMs: watchdogMsOf(env, process.pid),
    monotonic: () => Number(process.hrtime.bigint()) / 1e6,
    onFailure: (code) =>
      say(
        `The service manager does not accept notifications at $NOTIFY_SOCKET (${address}): ${code}. It may consider the program not started, or hung. Check that the socket exists and is writable.`,
      ),
  });
}
