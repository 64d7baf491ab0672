import { describe, expect, test } from 'vitest';
import { connect, listen, never } from './connect.ts';

describe('an exchange', () => {
  test('that waits for a connection ends with its signal, and is never sent', async () => {
    const asked: (string | undefined)[] = [];
    const { promise: begun, resolve } = Promise.withResolvers<() => void>();
    const { baseUrl } = await listen((request, response) => {
      asked.push(request.url);
      if (request.url === '/first') resolve(() => response.end());
      else response.end();
    });
    const transport = connect(baseUrl, { concurrency: 1 });
    const first = transport.get('/first', {}, never);
    const answer = await begun;
    const controller = new AbortController();
    const reason = new Error('shutdown');
    const second = transport.get('/second', {}, controller.signal);
    controller.abort(reason);
    await expect(second).rejects.toBe(reason);
    answer();
    await first;
    await transport.get('/third', {}, never);
    expect(asked).toEqual(['/first', '/third']);
  });

  test('returns a body that comes in pieces whole, characters over two of them too', async () => {
    const text = `\uFEFF${'größer als zuvor, '.repeat(20_000)}`;
    const { baseUrl } = await listen((_request, response) => {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += 1_021) response.write(bytes.subarray(at, at + 1_021));
      response.end();
    });
    // Without the byte order mark, which JSON.parse refuses.
    expect((await connect(baseUrl).get('/', {}, never)).body).toBe(text.slice(1));
  });

  test('keeps the path of a base URL before its own', async () => {
    const asked: (string | undefined)[] = [];
    const { baseUrl } = await listen((request, response) => {
      asked.push(request.url);
      response.end();
    });
    await connect(`${baseUrl}/proxy`).get('/a?b=c', {}, never);
    await connect(`${baseUrl}/`).get('/a', {}, never);
    expect(asked).toEqual(['/proxy/a?b=c', '/a']);
  });
});
