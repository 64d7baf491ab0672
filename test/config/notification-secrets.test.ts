import { describe, expect, it } from 'vitest';
import { hook, key, load, problemsOf, routingKey } from './loaded-notifications.ts';

describe('receivers', () => {
  it('have the defaults of the contract', async () => {
    expect(await load({ notify: [{ name: 'chat', type: 'slack', url: hook }] })).toEqual({
      ok: true,
      notifications: {
        sinks: [
          {
            name: 'chat',
            type: 'slack',
            url: hook,
            level: 'info',
            events: [],
            labels: {},
            timeout: 20_000,
            giveUpAfter: 259_200_000,
            proxy: undefined,
          },
        ],
        ping: undefined,
      },
      sources: new Map([['notify[0].url', 'notify[0].url']]),
      warnings: [],
    });
    expect(await load({})).toMatchObject({ notifications: { sinks: [], ping: undefined } });
  });

  it('take their secrets from files', async () => {
    const result = await load(
      {
        notify: [
          { name: 'a', type: 'webhook', urlFile: '/url', secretFile: '/keys' },
          { name: 'b', type: 'pagerduty', secretFile: '/routing' },
          {
            name: 'c',
            type: 'email',
            url: 'smtps://watch@mail.example.com',
            passwordFile: '/password',
            from: 'Watch <watch@example.com>',
            to: ['dba@example.com'],
          },
        ],
        ping: { urlFile: '/url', tokenFile: '/token', every: '30s' },
      },
      {
        '/url': { text: `${hook}\n` },
        '/keys': { text: `\uFEFF${key(24)}\r\n\n ${key(64)} \n${key(24)}\n` },
        '/routing': { text: `${routingKey}\n` },
        '/password': { text: 'pass word\n' },
        '/token': { text: 't0ken\n' },
      },
    );
    expect(result).toMatchObject({
      notifications: {
        sinks: [
          { url: hook, keys: [key(24), key(64)] },
          { url: 'https://events.pagerduty.com/v2/enqueue', routingKey },
          {
            url: 'smtps://watch@mail.example.com',
            password: 'pass word',
            from: 'Watch <watch@example.com>',
            to: ['dba@example.com'],
          },
        ],
        ping: { url: hook, token: 't0ken', every: 30_000 },
      },
      warnings: [],
    });
    expect(result.ok && [...result.sources]).toEqual([
      ['notify[0].url', 'notify[0].urlFile'],
      ['notify[0].secret', 'notify[0].secretFile'],
      ['notify[1].secret', 'notify[1].secretFile'],
      ['notify[2].url', 'notify[2].url'],
      ['notify[2].password', 'notify[2].passwordFile'],
      ['ping.url', 'ping.urlFile'],
      ['ping.token', 'ping.tokenFile'],
    ]);
  });

  it('take their secrets from systemd, under the name of each', async () => {
    const result = await load(
      {
        notify: [
          { name: 'on-call', type: 'webhook' },
          { name: 'pd', type: 'pagerduty' },
          { name: 'mail', type: 'email', from: 'a@b', to: ['c@d'] },
        ],
        ping: {},
      },
      {
        '/run/c/notify-on-call-url': { text: hook },
        '/run/c/notify-on-call-secret': { text: key(32) },
        '/run/c/notify-pd-secret': { text: routingKey },
        '/run/c/notify-mail-url': { text: 'smtp://u@mail' },
        '/run/c/notify-mail-secret': { text: 'password' },
        '/run/c/ping-url': { text: hook },
        '/run/c/ping-token': { text: 't0ken' },
      },
      { CREDENTIALS_DIRECTORY: '/run/c' },
    );
    expect(result).toMatchObject({
      notifications: {
        sinks: [
          { url: hook, keys: [key(32)] },
          { routingKey },
          { url: 'smtp://u@mail', password: 'password' },
        ],
        ping: { url: hook, token: 't0ken' },
      },
    });
  });

  it('take their secrets from variables that are called as the credentials of systemd', async () => {
    const result = await load(
      {
        notify: [
          { name: 'on-call', type: 'webhook' },
          { name: 'pd', type: 'pagerduty' },
        ],
        ping: {},
      },
      {},
      {
        CUTOVER_WATCH_NOTIFY_ON_CALL_URL: hook,
        CUTOVER_WATCH_NOTIFY_ON_CALL_SECRET: key(32),
        CUTOVER_WATCH_NOTIFY_PD_SECRET: routingKey,
        CUTOVER_WATCH_PING_URL: hook,
        CUTOVER_WATCH_PING_TOKEN: 't0ken',
      },
    );
    expect(result).toMatchObject({
      notifications: {
        sinks: [{ url: hook, keys: [key(32)] }, { routingKey }],
        ping: { url: hook, token: 't0ken' },
      },
    });
  });

  it('are reached through the proxy of the environment by their own addresses, but for mail', async () => {
    const result = await load(
      {
        atlas: { baseUrl: 'http://127.0.0.1:1' },
        notify: [
          { name: 'a', type: 'teams', url: hook },
          { name: 'b', type: 'webhook', url: 'http://127.0.0.1:1/' },
          { name: 'c', type: 'email', url: 'smtp://mail', from: 'a@b', to: ['c@d'] },
        ],
        ping: { url: hook },
      },
      {},
      { HTTPS_PROXY: 'http://proxy.example:3128' },
    );
    const proxy = { httpsProxy: 'http://proxy.example:3128/' };
    expect(result).toMatchObject({
      notifications: { sinks: [{ proxy }, { proxy: undefined }, { proxy: undefined }], ping: { proxy } },
    });
  });

  it('of mail may have their password in an address from a variable, and lose it there', async () => {
    const mail = { name: 'mail', type: 'email', from: 'a@b', to: ['c@d'] };
    const env = { SMTP: 'smtps://watch:p%40ss-word@mail.example.com:465' };
    const expected = {
      notifications: { sinks: [{ url: 'smtps://watch@mail.example.com:465', password: 'p@ss-word' }] },
    };
    expect(await load({ notify: [{ ...mail, url: '${SMTP}' }] }, {}, env)).toMatchObject(expected);
    expect(await load({ notify: [{ ...mail, urlFile: '/u' }] }, { '/u': { text: env.SMTP } })).toMatchObject(
      expected,
    );
    expect(await problemsOf({ notify: [{ ...mail, url: env.SMTP }] })).toEqual([
      'notify[0].url has the password in it; remove it, and name its file as passwordFile, or take the whole address from a variable or a file.',
    ]);
    expect(
      await problemsOf(
        { notify: [{ ...mail, url: '${SMTP}', passwordFile: '/p' }] },
        { '/p': { text: 'other' } },
        env,
      ),
    ).toEqual([
      'the password of receiver mail is given more than once, by notify[0].passwordFile and the address. Keep one of them.',
    ]);
  });
});

describe('warnings', () => {
  it('name a file that others can read, an address without https, and labels that nothing has', async () => {
    const result = await load(
      {
        notify: [
          { name: 'a', type: 'webhook', urlFile: '/u', labels: { team: 'payment' } },
          { name: 'b', type: 'webhook', url: 'http://localhost/x', labels: { team: 'payments' } },
        ],
        ping: { url: 'http://example.com/x' },
      },
      { '/u': { text: 'http://example.com/x', mode: 0o644 } },
    );
    expect(result).toMatchObject({
      warnings: [
        'the file of the address of receiver a, notify[0].urlFile (/u), is open to every user of this machine. Close it with chmod o-rwx /u',
        'notify[0] (a) has an http address, so others on the way can read what is sent; use https.',
        'notify[0].labels: no migration has all of these, so nothing about a migration is sent.',
        'ping has an http address, so others on the way can read what is sent; use https.',
      ],
    });
  });
});
