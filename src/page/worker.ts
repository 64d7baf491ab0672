import { openEventStream } from './data/event-stream.ts';
import type { WorkerMessage, WorkerRequest } from './data/shared-stream.ts';

/** Keeps one stream for all pages of a browser, as long as one of them wants it. */

const address = new URL('../api/stream', location.href).href;
const ports = new Set<MessagePort>();
let close: (() => void) | undefined;
let isOpen = false;

addEventListener('connect', (event) => {
  const [port] = (event as MessageEvent).ports;
  if (port === undefined) return;
  port.addEventListener('message', ({ data }: MessageEvent<WorkerRequest>) => {
    if (data === 'open') join(port);
    else leave(port);
  });
  port.start();
});

function join(port: MessagePort): void {
  ports.add(port);
  if (isOpen) send(port, { kind: 'open' });
  close ??= openEventStream(address, {
    onOpen: () => {
      isOpen = true;
      tellAll({ kind: 'open' });
    },
    onMessage: (type, data) => tellAll({ kind: 'message', type, data }),
    onEnd: (isSilent) => {
      forget();
      tellAll({ kind: 'end', isSilent });
      // Those that want another one ask again.
      ports.clear();
    },
  });
}

function leave(port: MessagePort): void {
  ports.delete(port);
  if (ports.size > 0) return;
  close?.();
  forget();
}

function forget(): void {
  close = undefined;
  isOpen = false;
}

function tellAll(message: WorkerMessage): void {
  for (const port of ports) send(port, message);
}

function send(port: MessagePort, message: WorkerMessage): void {
  port.postMessage(message);
}
