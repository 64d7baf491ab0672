import { expect, test } from 'vitest';
import { StateError } from '../../src/state/store.ts';
import { commitEvents, scopeEvent } from '../state/sample-change.ts';
import { orders, targetOf } from '../watch/sample-migrations.ts';
import { firstPoll, serve, storeFirstPoll, watchedOrders } from './served.ts';

const odd = { ...targetOf(7), name: 'a/b ü & 100%' };

const broken = (): never => {
  throw new StateError('state.db: gone.', { reason: 'io_error' });
};

test('every answer forbids caching, framing and reading by other sites', async () => {
  const { ask } = await serve();
  for (const path of ['/livez', '/metrics', '/api/migrations', '/nothing', '/%']) {
    const { headers } = await ask(path);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  }
});

test('livez gives the reason while the poll loop does not run', async () => {
  const reason = 'A poll was to begin 31 s ago and has not.';
  const { ask } = await serve({ liveness: () => ({ alive: false, stuckForSeconds: 31, reason }) });
  expect(await ask('/livez')).toMatchObject({
    status: 503,
    body: `${JSON.stringify({ alive: false, stuckForSeconds: 31, reason })}\n`,
  });
});

test('a standby is ready while it can read the database', async () => {
  let firstRoundDone = false;
  const { ask } = await serve({ role: () => ({ role: 'standby' }), status: () => ({ firstRoundDone }) });
  const refused = await ask('/readyz');
  expect(refused.status).toBe(503);
  expect(refused.json()).toMatchObject({
    ready: false,
    role: 'standby',
    reason: expect.stringContaining('cannot read the database'),
  });
  firstRoundDone = true;
  expect((await ask('/readyz')).json()).toEqual({ ready: true, role: 'standby' });
});

test('readyz waits for the first round, and says how far it is', async () => {
  const { ask } = await serve({
    status: () => ({ firstRoundDone: false }),
    snapshots: () => [watchedOrders({ latest: 'read' }), watchedOrders({ target: odd })],
  });
  const { status, json } = await ask('/readyz');
  expect(status).toBe(503);
  expect(json()).toEqual({
    ready: false,
    reason: 'The first round is still under way: 1 of 2 migrations have been polled.',
  });
});

test('HEAD is answered as GET is, without the body', async () => {
  const { ask } = await serve();
  for (const path of ['/livez', '/api/migrations', '/nothing']) {
    const [get, head] = [await ask(path), await ask(path, { method: 'HEAD' })];
    expect(head).toMatchObject({ status: get.status, body: '' });
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
  }
  expect(await ask('/api/stream', { method: 'HEAD' })).toMatchObject({
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
  });
});

test('other methods are refused', async () => {
  const { ask } = await serve();
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
    expect(await ask('/api/migrations', { method })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    });
});

test('what is at no path is answered with the list of paths', async () => {
  const { ask } = await serve();
  const others = ['/index.html', '/api', '/api/migrations/', '/livez/', '/api/migrations/orders/lag/x', '//'];
  for (const path of [...others, 'http://other.example/livez']) {
    const { status, json } = await ask(path);
    expect(status).toBe(404);
    expect(json().paths).toContain('/api/migrations/{name}/lag');
  }
});

test('migrations are found by name, however it is written in a URL, and by id', async () => {
  const { ask } = await serve({ snapshots: () => [watchedOrders(), watchedOrders({ target: odd })] });
  const names = async (path: string) => (await ask(`/api/migrations/${path}`)).json().migration;
  expect(await names('orders')).toBe('orders');
  expect(await names('%6Frders')).toBe('orders');
  expect(await names(orders.liveMigrationId)).toBe('orders');
  expect(await names(encodeURIComponent(odd.name))).toBe(odd.name);
  const { json } = await ask('/api/migrations');
  expect(json()).toMatchObject({
    time: '2026-11-23T23:00:00.000Z',
    migrations: [{ migration: 'orders' }, { migration: odd.name }],
  });
});

test('an unknown name is answered with the one that was meant, or with where the names are', async () => {
  const { ask } = await serve();
  for (const path of ['ordes', 'ordes/lag', 'ordes/events'].map((each) => `/api/migrations/${each}`))
    expect((await ask(path)).json()).toEqual({
      error: 'No migration of this name or live migration id is watched. Did you mean orders?',
    });
  expect((await ask('/api/migrations/shipping')).json().error).toMatch(/GET \/api\/migrations lists them\.$/);
  expect((await ask('/api/migrations/%zz')).status).toBe(400);
});

test('a parameter that is unknown or invalid is refused', async () => {
  const { ask } = await serve();
  const refused = [
    ['/api/migrations?x=1', /This path has: samples\.$/],
    ['/api/migrations/orders?x=1', /This path has: none\.$/],
    ['/api/migrations/orders/events?last=0', /last as a whole number from 1 to 1000/],
    ['/api/migrations?samples=101', /samples as a whole number from 1 to 100/],
    ['/api/events?afer=1', /This path has: after, limit, last\.$/],
    ['/api/events?limit=0', /limit as a whole number from 1 to 1000/],
    ['/api/events?last=9999', /last as a whole number from 1 to 1000/],
    ['/api/events?last=5&limit=5', /Leave out after and limit/],
    ['/api/migrations/orders/lag?since=yesterday', /since as a time such as/],
    ['/api/migrations/orders/lag?since=100100000d', /since as a time such as/],
    ['/api/stream?afer=1', /This path has: after\.$/],
  ] as const;
  for (const [path, sentence] of refused) {
    const { status, json } = await ask(path);
    expect({ path, status }).toEqual({ path, status: 400 });
    expect(json().error).toMatch(sentence);
  }
});

test('events of one migration are found by its name or id, the latest of them', async () => {
  const other = targetOf(1);
  const { ask, store } = await serve({
    snapshots: () => [watchedOrders(), watchedOrders({ target: other })],
  });
  await storeFirstPoll(store);
  const { events } = firstPoll();
  const read = async (path: string) => (await ask(`/api/migrations/${path}`)).json();
  expect(await read('orders/events')).toEqual({ migration: 'orders', events });
  expect(await read(`${orders.liveMigrationId}/events?last=1`)).toEqual({
    migration: 'orders',
    events: events.slice(-1),
  });
  expect(await read('m1/events')).toEqual({ migration: 'm1', events: [] });
});

test('events of the project and of the account are among those of each migration that they cover', async () => {
  const other = targetOf(1, 'a'.repeat(24));
  const { ask, store } = await serve({
    snapshots: () => [watchedOrders(), watchedOrders({ target: other })],
  });
  await commitEvents(store, scopeEvent('1'.repeat(32), orders.groupId), scopeEvent('2'.repeat(32)));
  const ids = async (name: string) => {
    const { events } = (await ask(`/api/migrations/${name}/events`)).json() as {
      events: { eventId: string }[];
    };
    return events.map(({ eventId }) => eventId[0]);
  };
  expect(await ids('orders')).toEqual(['1', '2']);
  expect(await ids('m1')).toEqual(['2']);
});

test('events are read page by page, and an id that is not recorded is answered with 404', async () => {
  const { ask, store } = await serve();
  expect((await ask('/api/events')).json()).toEqual({ events: [], more: false });
  await storeFirstPoll(store);
  const { events: recorded } = firstPoll();
  const [first, second] = recorded.map(({ eventId }) => String(eventId));
  expect((await ask('/api/events?limit=1')).json()).toEqual({
    events: [recorded[0]],
    next: first,
    more: true,
  });
  expect((await ask(`/api/events?limit=1&after=${first}`)).json()).toEqual({
    events: [recorded[1]],
    next: second,
    more: false,
  });
  expect((await ask('/api/events?limit=1&after=')).json()).toMatchObject({ next: first });
  expect((await ask(`/api/events?after=${second}`)).json()).toEqual({
    events: [],
    next: second,
    more: false,
  });
  expect((await ask('/api/events?last=1')).json()).toEqual({
    events: [recorded[1]],
    next: second,
    more: false,
  });
  const unknown = await ask('/api/events?after=ffffffffffffffffffffffffffffffff');
  expect(unknown.status).toBe(404);
  expect(unknown.json().error).toMatch(/Start again without after\.$/);
});

test.each([
  ['throws', broken],
  ['rejects', () => Promise.try(broken)],
])('a store that %s costs the answers that need it, and no others', async (_, fail) => {
  const { ask } = await serve({
    store: {
      samples: fail,
      latestSamples: fail,
      eventsAfter: fail,
      eventsFrom: fail,
      eventsNamed: fail,
      latestEvents: fail,
    },
  });
  const ofOne = ['lag', 'events', 'report'].map((path) => `migrations/orders/${path}`);
  for (const path of ['events', 'events?last=1', 'timeline', ...ofOne].map((each) => `/api/${each}`)) {
    const { status, json } = await ask(path);
    expect({ status, body: json() }).toEqual({
      status: 503,
      body: {
        error: expect.stringMatching(
          /^The stored events and lag samples can't be read now, .* try again later\.$/,
        ),
      },
    });
  }
  expect((await ask('/api/migrations')).status).toBe(200);
});

test('a defect of the program is answered with 500, without secrets, and ends nothing else', async () => {
  let calls = 0;
  const warnings: string[] = [];
  const { ask } = await serve({
    warn: (sentence) => warnings.push(sentence),
    snapshots: () => {
      calls += 1;
      if (calls === 1) throw new TypeError('no field of s3cr3t');
      return [watchedOrders()];
    },
    redact: {
      event: (record) => record,
      data: (data) =>
        typeof data === 'string' ? (data.replaceAll('s3cr3t', '[redacted]') as typeof data) : data,
    },
  });
  const { status, json } = await ask('/api/migrations');
  expect(status).toBe(500);
  expect(json().error).toBe(
    "The watcher can't answer this because of a bug in it. Watching continues. Report this: TypeError: no field of [redacted]",
  );
  expect(warnings).toEqual([
    'The HTTP server met an internal error at /api/migrations; please report it. TypeError: no field of [redacted]',
  ]);
  expect((await ask('/api/migrations')).status).toBe(200);
});
