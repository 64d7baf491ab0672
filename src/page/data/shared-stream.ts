import { type MessageType, type OpenStream, openEventStream, watchSilence } from './event-stream.ts';

/** What a page asks of the worker. */
export type WorkerRequest = 'open' | 'close';

/** What the worker sends to a page. */
export type WorkerMessage =
  | { readonly kind: 'open' }
  | { readonly kind: 'message'; readonly type: MessageType; readonly data: string }
  | { readonly kind: 'end'; readonly isSilent: boolean };

export interface SharedStream {
  readonly open: OpenStream;
  /** Whether all pages of the browser share one stream: then a hidden page may keep it. */
  readonly isShared: () => boolean;
}

/** The little of Trusted Types (W3C) that is needed: the policy of the page allows no address but that of the worker. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { readonly createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string };
}

/**
 * Returns the stream that all pages of one browser share through a worker: a browser opens six connections to a server,
 * and each stream would take one. Where there are no shared workers, each page has its own stream.
 */
export function sharedStream(workerAddress: string): SharedStream {
  let worker = startWorker(workerAddress);
  let onBroken: (() => void) | undefined;
  const giveUp = (): void => {
    worker = undefined;
    onBroken?.();
  };
  worker?.addEventListener('error', giveUp);
  worker?.port.start();

  const open: OpenStream = (listener) => {
    if (worker === undefined) return openEventStream('api/stream', listener);
    const { port } = worker;
    let isAnswered = false;
    const ask = (request: WorkerRequest): void => port.postMessage(request);

    const onMessage = ({ data }: MessageEvent<WorkerMessage>): void => {
      isAnswered = true;
      silence.heard();
      if (data.kind === 'open') listener.onOpen();
      else if (data.kind === 'message') listener.onMessage(data.type, data.data);
      else end(data.isSilent);
    };
    const stop = (): void => {
      silence.stop();
      onBroken = undefined;
      port.removeEventListener('message', onMessage);
      removeEventListener('pagehide', leave);
    };
    const end = (isSilent: boolean): void => {
      stop();
      listener.onEnd(isSilent);
    };
    const close = (): void => {
      stop();
      ask('close');
    };
    // The browser may keep the page, to show it again when the reader comes back.
    const leave = (): void => {
      close();
      listener.onEnd(false);
    };
    const silence = watchSilence(() => {
      if (!isAnswered) worker = undefined;
      ask('close');
      end(true);
    });
    onBroken = () => end(false);
    port.addEventListener('message', onMessage);
    addEventListener('pagehide', leave);
    ask('open');
    return close;
  };

  return { open, isShared: () => worker !== undefined };
}

/** Returns the worker; undefined where the browser has no shared workers. */
function startWorker(address: string): SharedWorker | undefined {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
  try {
    const policy = trustedTypes?.createPolicy('cutover-watch', {
      createScriptURL: (url) => {
        if (url === address) return url;
        throw new TypeError(`${url} is not the address of the worker.`);
      },
    });
    const options = { type: 'module', name: 'cutover-watch' } as const;
    return new SharedWorker(policy?.createScriptURL(address) ?? address, options);
  } catch {
    return undefined;
  }
}
