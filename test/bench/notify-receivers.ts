/** The receivers of the bench of notifications, in a process of their own: by the first part of the path, they take messages, hang or fail. */
import { createServer } from 'node:http';

/** What one path got. */
export interface Arrivals {
  readonly messages: number;
  readonly events: number;
  /** Of the first and the last new event, in ms since 1970. */
  readonly firstAt: number;
  readonly lastAt: number;
}

interface Counters {
  messages: number;
  readonly ids: Set<string>;
  firstAt: number;
  lastAt: number;
}

const paths = new Map<string, Counters>();
const server = createServer((request, response) => {
  const { url = '', headers } = request;
  const counters = paths.get(url) ?? { messages: 0, ids: new Set(), firstAt: Date.now(), lastAt: 0 };
  paths.set(url, counters);
  request.resume().on('end', () => {
    counters.messages += 1;
    const known = counters.ids.size;
    if (counters.ids.add(String(headers['webhook-id'])).size > known) counters.lastAt = Date.now();
    if (url.startsWith('/takes')) response.writeHead(204).end();
    if (url.startsWith('/fails')) response.writeHead(500).end();
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : undefined });
});
process.on('message', () => {
  const arrivals = [...paths].map(([path, { ids, ...rest }]) => [path, { ...rest, events: ids.size }]);
  process.send?.(Object.fromEntries(arrivals));
});
process.on('disconnect', () => process.exit());
