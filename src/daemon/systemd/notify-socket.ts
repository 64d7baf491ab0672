import { getSystemErrorName } from 'node:util';

/** The result of a message: sent, the socket is full for now, or the code of a permanent error. */
type Sent = 'sent' | 'full' | { readonly errorCode: string };

/** Sends one message to the service manager. Never blocks. */
export type SendNotification = (message: string) => Sent;

export type NotifySocketResult =
  | { readonly ok: true; readonly send: SendNotification }
  | { readonly ok: false; readonly problem: string };

// Values of Linux. They are the same on every architecture for which koffi has binaries.
const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2_000_000;
const MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;

const passingErrors: ReadonlySet<string> = new Set(['EAGAIN', 'EINTR', 'ENOBUFS', 'ENOMEM']);

const remedy =
  'Without notifications, a unit with Type=notify never counts as started. Install the optional dependencies (npm ci without --omit=optional), or set Type=exec and remove WatchdogSec in the unit.';

/**
 * Opens the datagram socket named by $NOTIFY_SOCKET (sd_notify(3)): a path, or a name in the abstract namespace after
 * an `@`. Node.js has no such sockets, so this calls libc through koffi, which is loaded only here.
 */
export async function openNotifySocket(address: string): Promise<NotifySocketResult> {
  const refuse = (why: string): NotifySocketResult => ({
    ok: false,
    problem: `The service manager cannot be notified at $NOTIFY_SOCKET (${address}): ${why}. ${remedy}`,
  });
  const name = socketAddress(address);
  if (name === undefined) return refuse('it is neither an absolute path nor an @name');
  try {
    const koffi = await import('koffi');
    const libc = koffi.load(null);
    const socket = libc.func('int socket(int domain, int type, int protocol)');
    const sendto = libc.func(
      'long sendto(int fd, const uint8_t *data, size_t size, int flags, const uint8_t *address, uint32_t length)',
    );
    const errorCode = (): string => getSystemErrorName(-koffi.errno());
    const descriptor = Number(socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0));
    if (descriptor < 0) return refuse(errorCode());
    const send: SendNotification = (message) => {
      const data = Buffer.from(message);
      const sent = sendto(descriptor, data, data.length, MSG_DONTWAIT_NOSIGNAL, name, name.length);
      if (Number(sent) >= 0) return 'sent';
      const code = errorCode();
      return passingErrors.has(code) ? 'full' : { errorCode: code };
    };
    return { ok: true, send };
  } catch (error) {
    const [why] = String(error instanceof Error ? error.message : error).split('\n');
    return refuse(`the optional package koffi cannot be loaded (${why})`);
  }
}

/** Returns the `sockaddr_un` of an address (unix(7)); undefined if it is malformed. */
function socketAddress(address: string): Buffer | undefined {
  const path = Buffer.from(address.replace(/^@/, '\0'));
  if (!/^[/@]./.test(address) || path.length > 107) return undefined;
  const family = Buffer.alloc(2);
  family.writeUInt16LE(AF_UNIX);
  return Buffer.concat([family, path]);
}
