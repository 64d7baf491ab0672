import { describe, expect, it } from 'vitest';
import { hook, key, load, problemsOf, routingKey } from './loaded-notifications.ts';

describe('problems', () => {
  it('are all found at once', async () => {
    const problems = await problemsOf(
      {
        notify: [
          { name: 'a', type: 'slack', events: ['migration.complete', 'watcher.heartbeat', '*'] },
          { name: 'b', type: 'pagerduty', url: 'ftp://example.com' },
          { name: 'c', type: 'webhook', url: hook, urlFile: '/u', secretFile: '/keys' },
          { name: 'd', type: 'email', url: 'smtp://u@mail', from: 'a@b', to: ['c@d'] },
          { name: 'e', type: 'email', url: 'smtp://mail', from: 'a@b', to: ['c@d'], passwordFile: '/p' },
          { name: 'f', type: 'webhook', urlFile: 's3cr3t/relative', secretFile: '/run/secrets/key' },
        ],
        ping: { tokenFile: '/denied' },
      },
      { '/keys': { text: '' }, '/p': { text: 'password' }, '/denied': { code: 'EACCES' } },
    );
    expect(problems).toEqual([
      'notify[0].events[0] fits no event. Did you mean migration.completed?',
      'notify[0].events[1] names only events that are not stored, and so are never sent; remove it.',
      'notify[0] (a) has no address; name its file as urlFile, or give url, $CUTOVER_WATCH_NOTIFY_A_URL or the systemd credential notify-a-url.',
      'the address of receiver b (notify[1].url) does not begin with https:// or http:// and a host. Write an address such as https://host/path.',
      'notify[1] (b) has no routing key; name its file as secretFile, or give $CUTOVER_WATCH_NOTIFY_B_SECRET or the systemd credential notify-b-secret.',
      'the address of receiver c is given more than once, by notify[2].url and notify[2].urlFile. Keep one of them.',
      'the list of keys of receiver c (notify[2].secretFile) is empty. Write whsec_ and 24 to 64 bytes in base64, a key a line. A new key: echo whsec_$(openssl rand -base64 32)',
      'notify[3] (d) has a user in its address and no password; name the file of the password as passwordFile, or give $CUTOVER_WATCH_NOTIFY_D_SECRET or the systemd credential notify-d-secret.',
      'notify[4] (e) has a password and no user; write the user into the address, as in smtps://user@host:465.',
      'the file of the address of receiver f, notify[5].urlFile (not shown, as it may be the secret itself), does not exist. Create it, or name another.',
      'the file of the list of keys of receiver f, notify[5].secretFile (/run/secrets/key), does not exist. Create it, or name another.',
      'ping has no address; name its file as urlFile, or give url, $CUTOVER_WATCH_PING_URL or the systemd credential ping-url.',
      'the file of the token of the ping, ping.tokenFile (/denied), cannot be read by this user. Give read access to this user only.',
    ]);
  });

  it.each([
    ['', 'is empty. Put an address such as https://host/path there.'],
    [
      ' https://h/s3cr3t',
      'contains a space, a line break or a backslash. Put the address alone there, on one line.',
    ],
    ['s3cr3t', 'is not an address. Write it with its scheme and host, such as https://host/path.'],
    ['https://h/s3cr3t#x', 'contains a #, and what follows is never sent. Remove it.'],
    [
      'https://s3cr3t:%@h/',
      'has a user name or password with a % that encodes nothing. Write %25 for a percent sign.',
    ],
    [`https://h/${'s3cr3t'.repeat(400)}`, 'has more than 2000 characters. Put the address alone there.'],
  ])('of the address %j: it %s', async (text, fault) => {
    expect(await problemsOf({ ping: { urlFile: '/u' } }, { '/u': { text } })).toEqual([
      `the address of the ping (ping.urlFile) ${fault}`,
    ]);
  });

  it.each([
    ['s3cr3t', 'has a key without whsec_ on line 1.'],
    [`${key(32)}\n\n${key(32).slice(0, -1)}`, 'has a key that is not base64 on line 3.'],
    [`${key(23)}\n${key(65)}`, 'has a key of 23 bytes on line 1, and a key of 65 bytes on line 2.'],
    ['whsk_s3cr3t', 'has an asymmetric key on line 1.'],
    ['x'.repeat(10_001), 'has more than 10,000 characters.'],
  ])('of the keys %j: the list %s', async (text, fault) => {
    const notify = [{ name: 'a', type: 'webhook', url: hook, secretFile: '/k' }];
    expect(await problemsOf({ notify }, { '/k': { text } })).toEqual([
      `the list of keys of receiver a (notify[0].secretFile) ${fault} Write whsec_ and 24 to 64 bytes in base64, a key a line. A new key: echo whsec_$(openssl rand -base64 32)`,
    ]);
  });

  it('of more keys than a rotation has say what to remove', async () => {
    const notify = [{ name: 'a', type: 'webhook', url: hook, secretFile: '/k' }];
    const text = Array.from({ length: 11 }, () => key(32)).join('\n');
    expect(await problemsOf({ notify }, { '/k': { text } })).toEqual([
      'the list of keys of receiver a (notify[0].secretFile) has 11 keys; 10 are the most. Remove those that no receiver uses any more.',
    ]);
  });

  it.each([
    ['', 'is empty. Put the password there, or remove the source.'],
    ['abc', 'has fewer than 4 characters, so it could not be hidden in the log. Use a longer password.'],
    [
      's3cr3t\ns3cr3t',
      'contains a line break or a control character. Put the password alone there, on one line.',
    ],
    ['s3cr3t'.repeat(200), 'has more than 1000 characters. Put the password alone there.'],
  ])('of the password %j: it %s', async (text, fault) => {
    const mail = {
      name: 'm',
      type: 'email',
      url: 'smtp://u@h',
      from: 'a@b',
      to: ['c@d'],
      passwordFile: '/p',
    };
    expect(await problemsOf({ notify: [mail] }, { '/p': { text } })).toEqual([
      `the password of receiver m (notify[0].passwordFile) ${fault}`,
    ]);
  });

  it.each(['s3cr3t', `${routingKey}x`, routingKey.replace('0', '-')])(
    'of the routing key %j say where the right one is',
    async (text) => {
      const notify = [{ name: 'p', type: 'pagerduty', secretFile: '/k' }];
      expect(await problemsOf({ notify }, { '/k': { text } })).toEqual([
        'the routing key of receiver p (notify[0].secretFile) is not 32 letters and digits on one line. Copy the integration key of a service of PagerDuty, type Events API V2.',
      ]);
    },
  );

  it('of the list say how many receivers there can be', async () => {
    const notify = Array.from({ length: 51 }, (_, n) => ({ name: `r${n}`, type: 'slack', url: hook }));
    await expect(load({ notify })).rejects.toThrow('w.yaml: notify holds 51 receivers; 50 is the most.');
  });

  it('of the environment are said once', async () => {
    const notify = ['a', 'b'].map((name) => ({ name, type: 'slack', url: hook }));
    const atlas = { baseUrl: 'http://127.0.0.1:1' };
    expect(await problemsOf({ atlas, notify }, {}, { HTTPS_PROXY: 'ftp://s3cr3t' })).toEqual([
      expect.stringMatching(/^the environment variable HTTPS_PROXY is not the address of a proxy/),
    ]);
  });
});
