import type { Socket } from 'node:net';

const statusLine = 'HTTP/1.1 100';
const headEnd = '\r\n\r\n';
/** As much as undici accepts of any other head. */
const maxHeadBytes = 16 * 1024;

/**
 * Removes `100 Continue` from what is read of a socket before a reply. A server may send it although nobody asked for
 * it (RFC 9110 §15.2), but undici would take it for a fault. Call the returned function at the start of each request.
 */
export function skipContinue(socket: Socket): () => void {
  const read: (size?: number) => Buffer | null = socket.read.bind(socket);
  let beforeReply = false;
  let held = Buffer.alloc(0);
  socket.read = (size?: number): Buffer | null => {
    const chunk = read(size);
    if (chunk === null || !beforeReply) return chunk;
    let bytes = Buffer.concat([held, chunk]);
    held = Buffer.alloc(0);
    while (mayBeContinue(bytes) && bytes.length < maxHeadBytes) {
      const end = bytes.indexOf(headEnd);
      if (end === -1) {
        held = bytes;
        return null;
      }
      bytes = bytes.subarray(end + headEnd.length);
    }
    beforeReply = false;
    return bytes;
  };
  return () => {
    beforeReply = true;
  };
}

/** Whether these bytes, or more of them, start with the status line. */
function mayBeContinue(bytes: Buffer): boolean {
  return statusLine.startsWith(bytes.toString('latin1', 0, statusLine.length));
}
