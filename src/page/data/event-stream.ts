import { silenceMs } from './api.ts';

const checkEveryMs = 1_000;

/** The types of messages that the stream sends, as in `config/http.md`. */
const messageTypes = ['migration', 'watcher', 'message'] as const;
export type MessageType = (typeof messageTypes)[number];

/** Receives what happens to one stream. */
export interface StreamListener {
  readonly onOpen: () => void;
  readonly onMessage: (type: MessageType, data: string) => void;
  /** It was refused, has ended, or is silent for longer than the watcher ever is. */
  readonly onEnd: (isSilent: boolean) => void;
}

/** Opens a stream. The function that it returns closes it: the listener then hears no more. */
export type OpenStream = (listener: StreamListener) => () => void;

/** Opens the stream at an address. */
export function openEventStream(address: string, listener: StreamListener): () => void {
  const source = new EventSource(address);
  const silence = watchSilence(() => end(true));

  function close(): void {
    silence.stop();
    source.close();
  }

  function end(isSilent: boolean): void {
    close();
    listener.onEnd(isSilent);
  }

  for (const type of messageTypes)
    source.addEventListener(type, ({ data }: MessageEvent<string>) => {
      silence.heard();
      listener.onMessage(type, data);
    });
  source.addEventListener('open', () => {
    silence.heard();
    listener.onOpen();
  });
  source.addEventListener('error', () => end(false));
  return close;
}

/** Runs `onSilent` when nothing was heard for longer than the watcher, which sends something every five seconds, is silent. */
export function watchSilence(onSilent: () => void): {
  readonly heard: () => void;
  readonly stop: () => void;
} {
  let heardAt = performance.now();
  const timer = setInterval(() => {
    if (performance.now() - heardAt > silenceMs) onSilent();
  }, checkEveryMs);
  return {
    heard: () => {
      heardAt = performance.now();
    },
    stop: () => clearInterval(timer),
  };
}
