import { load } from 'koffi';
import { onTestFinished } from 'vitest';

/** What a service manager hears at its end of $NOTIFY_SOCKET, one entry a message, until the test is over. */
export function receiveNotifications(address: string): readonly string[] {
  const libc = load(null);
  const socket = libc.func('int socket(int domain, int type, int protocol)');
  const bind = libc.func('int bind(int fd, const uint8_t *address, uint32_t length)');
  const recv = libc.func('long recv(int fd, uint8_t *data, size_t size, int flags)');
  const close = libc.func('int close(int fd)');
  const descriptor: unknown = socket(1, 2, 0);
  const name = Buffer.from(`\x01\0${address.replace(/^@/, '\0')}`);
  if (bind(descriptor, name, name.length) !== 0) throw new Error(`cannot listen at ${address}`);
  const received: string[] = [];
  const data = Buffer.alloc(4096);
  const look = setInterval(() => {
    for (let size = receive(); size > 0; size = receive()) received.push(data.toString('utf8', 0, size));
  }, 10);
  const receive = (): number => Number(recv(descriptor, data, data.length, 0x40));
  onTestFinished(() => {
    clearInterval(look);
    close(descriptor);
  });
  return received;
}
