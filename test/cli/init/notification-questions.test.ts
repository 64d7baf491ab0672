import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Draft, draftText } from '../../../src/cli/init/draft.ts';
import { askNotifications } from '../../../src/cli/init/notification-questions.ts';
import { leakSentence } from '../../../src/cli/init/verify.ts';
import { Redactor } from '../../../src/events/redactor.ts';
import { groupId, migrationId } from '../../e2e/atlas-by-hand.ts';
import { startReceiver } from '../../sinks/receivers.ts';
import { temporaryDirectory } from '../../state/temporary-directory.ts';
import { person } from './person.ts';

const draft: Draft = {
  auth: { type: 'apiKey' },
  migrations: [{ name: 'orders', groupId, liveMigrationId: migrationId(0) }],
};

function asking(answers: readonly string[], sends = true) {
  const home = temporaryDirectory();
  const file = join(home, 'watch.yaml');
  const prompt = person(...answers);
  const redactor = new Redactor();
  const place = { env: { HOME: home }, redactor, interrupted: new AbortController().signal, file, sends };
  return { prompt, redactor, file, home, result: askNotifications(prompt, draft, place) };
}

test('Enter twice notifies nobody', async () => {
  const { prompt, result } = asking(['', '']);
  expect(await result).toBe(draft);
  expect(prompt.shown).toHaveLength(2);
});

test('a receiver and a ping get a test, and their addresses go into files that are not written before the end', async () => {
  const { baseUrl, received } = await startReceiver((response) => response.writeHead(200).end('ok'));
  const secret = `${baseUrl}/services/T1/B1/very-secret-part`;
  const answers = ['slack', secret, '', `${baseUrl}/ping-secret-part`, ''];
  const { prompt, redactor, file, home, result } = asking(answers);
  const settled = await result;
  expect(prompt.shown.slice(-3)).toEqual([
    'Sending a test ...',
    'slack: delivered (HTTP 200: ok).',
    'ping: delivered (HTTP 200).',
  ]);
  expect(received.map(({ body }) => body)).toEqual([
    expect.stringContaining('This is a test of notifications to slack'),
    expect.stringContaining('This is a test of the ping'),
  ]);
  const folder = join(home, '.config/cutover-watch');
  expect(settled.notifications?.typed).toEqual([
    { path: join(folder, 'notify-slack-url'), text: secret },
    { path: join(folder, 'ping-url'), text: `${baseUrl}/ping-secret-part` },
  ]);
  expect(existsSync(folder)).toBe(false);
  const text = draftText(settled, file);
  expect(text).not.toContain('secret-part');
  expect(parse(text)).toMatchObject({
    notify: [{ name: 'slack', type: 'slack', urlFile: join(folder, 'notify-slack-url'), level: 'warn' }],
    ping: { urlFile: join(folder, 'ping-url') },
  });
  expect(leakSentence(settled, redactor)).toBeUndefined();
});

test('what does not work can be corrected, kept, or left out', async () => {
  const { baseUrl } = await startReceiver((response, nth) => response.writeHead(nth === 1 ? 404 : 204).end());
  const url = `${baseUrl}/hooks/0123456789`;
  const corrected = asking(['webhook', url, '', '', 'correct', 'webhook', url, '', '']);
  expect((await corrected.result).notifications?.receiver).toMatchObject({ type: 'webhook' });
  expect(corrected.prompt.shown).toContainEqual(expect.stringMatching(/^webhook: failed: HTTP 404\. Check /));

  const noAddress = asking(['webhook', 'hooks.example.com', '', '', 'skip']);
  expect(await noAddress.result).toBe(draft);
  expect(noAddress.prompt.shown).toContainEqual(expect.stringContaining('notify[0]'));
  expect(noAddress.prompt.shown.join(' ')).not.toContain('hooks.example.com');
});

test('mail goes to all addresses, and without verification nothing is sent', async () => {
  const answers = [
    'email',
    'smtps://watch@mail.example.com:465',
    'watch@example.com',
    'a@example.com, b@example.com',
  ];
  const { file, prompt, result } = asking([...answers, 'pass-of-mail', '', ''], false);
  const settled = await result;
  expect(prompt.shown).not.toContain('Sending a test ...');
  const [mail] = (parse(draftText(settled, file)) as { notify: unknown[] }).notify;
  expect(mail).toEqual({
    name: 'mail',
    type: 'email',
    url: 'smtps://watch@mail.example.com:465',
    passwordFile: expect.stringMatching(/notify-mail-secret$/),
    from: 'watch@example.com',
    to: ['a@example.com', 'b@example.com'],
    level: 'warn',
  });
});
