import type { Liveness } from '../../watch/liveness.ts';
import type { SendNotification } from './notify-socket.ts';
import { openNotifySocket } from './notify-socket.ts';

/** What the service manager is told of, as it is now. */
export interface Reported {
  /** One line on how things stand. */
  readonly status: () => string;
  readonly liveness: () => Liveness;
}

export interface ServiceManagerOptions {
  readonly send: SendNotification;
  /** How long the service manager waits for a sign of life before it kills the program, in ms; undefined: for ever. */
  readonly watchdogMs: number | undefined;
  /** CLOCK_MONOTONIC, in ms. */
  readonly monotonic: () => number;
  /** Called once, with the code of an error that will not pass. */
  readonly onFailure: (errorCode: string) => void;
}

const lookEveryMs = 1_000;

/**
 * Returns how often systemd wants a sign of life from this process, in ms: its WATCHDOG_USEC, unless WATCHDOG_PID
 * says that another process is meant (sd_watchdog_enabled(3)).
 */
export function watchdogMsOf(env: Readonly<Record<string, string | undefined>>, pid: number) {
  const { WATCHDOG_USEC: usec = '', WATCHDOG_PID: forPid = '' } = env;
  const isForUs = forPid === '' || forPid === String(pid);
  return isForUs && /^[1-9]\d{0,15}$/.test(usec) ? Number(usec) / 1000 : undefined;
}

/** Tells the service manager how the daemon is (sd_notify(3)). What it does not take at once is offered again. */
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

  /** Says that the daemon has started, and from now on how it is. */
  ready(reported: Reported): void {
    this.#reported = reported;
    this.#send('READY=1');
    this.look();
    const { watchdogMs = Number.POSITIVE_INFINITY } = this.#options;
    // A look may be late; with four in the time there are still two to spare.
    this.#looking = setInterval(() => this.look(), Math.min(lookEveryMs, watchdogMs / 4)).unref();
  }

  /** Tells a changed status, and gives the sign of life when it is due and the poll loop beats. */
  look(): void {
    this.#flush();
    // While it takes nothing, what is true now is all that would be worth telling later.
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

  /** Says that the way out has begun, and after that nothing. */
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
 * Returns the service manager that started this process, if it wants to be told how it is ($NOTIFY_SOCKET); `say`
 * takes sentences for people on why it cannot be told.
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
        `The service manager takes no notifications at $NOTIFY_SOCKET (${address}): ${code}. It may take the program for not started, or for dead; see that the socket exists and may be written to.`,
      ),
  });
}
