import { loadNotifications, type NotificationsResult } from '../../config/notification-secrets.ts';
import { secretsOfNotifications } from '../../config/receiver-secrets.ts';
import type { SinkSettings } from '../../config/sink-settings.ts';
import { files } from '../../daemon/read-file.ts';
import { eventNames } from '../../daemon/settings.ts';
import { trialSentence, tryNotifications } from '../notify/trial.ts';
import { readVersion } from '../program-name.ts';
import type { Draft, DraftNotifications, DraftReceiver, TypedFile } from './draft.ts';
import { Interrupted, type Prompt } from './prompt.ts';
import { askNewFile } from './sign-in-questions.ts';
import { loadDraft, type VerifyContext } from './verify.ts';

/** What the questions need to know. */
interface Place extends VerifyContext {
  /** The configuration file. */
  readonly file: string;
  /** Whether a test is sent. */
  readonly sends: boolean;
}

type Type = SinkSettings['type'];

const types: Readonly<Record<Type | 'nobody', string>> = {
  nobody: 'only the log has the events',
  slack: 'a channel, by an incoming webhook',
  teams: 'a channel of Microsoft Teams, by a workflow',
  pagerduty: 'an integration with the Events API v2',
  email: 'mail addresses, by your mail server',
  webhook: 'your own program, as signed CloudEvents',
};

/** What each type is called by until somebody changes it in the file. */
const names: Readonly<Record<Type, string>> = {
  slack: 'slack',
  teams: 'teams',
  pagerduty: 'pagerduty',
  email: 'mail',
  webhook: 'webhook',
};

/**
 * Offers to notify one receiver, and to ping an address while all is well. Sends a test to both, and lets the person
 * correct what does not work. Enter leaves them out.
 */
export async function askNotifications(prompt: Prompt, draft: Draft, place: Place): Promise<Draft> {
  for (;;) {
    const notifications = await askOnce(prompt, place);
    if (notifications === undefined) return draft;
    const next = { ...draft, notifications };
    if (await works(prompt, next, place)) return next;
    const what = await prompt.choose(
      'What now?',
      {
        correct: 'enter them again',
        keep: 'write them as they are',
        skip: 'write the file without notifications',
      },
      'correct',
    );
    if (what === 'keep') return next;
    if (what === 'skip') return draft;
  }
}

async function askOnce(prompt: Prompt, place: Place): Promise<DraftNotifications | undefined> {
  const type = await prompt.choose('Notify of events', types, 'nobody');
  const own = type === 'nobody' ? undefined : await askReceiver(prompt, type, place);
  const url = await askSecret(
    prompt,
    'Address to ping while all is well, as of healthchecks.io (not shown, or Enter for none)',
    place,
  );
  const ping =
    url === '' ? undefined : await secretFile(prompt, 'address of the ping', 'ping-url', url, place);
  if (own === undefined && ping === undefined) return undefined;
  return {
    receiver: own?.receiver,
    ping: ping && { urlFile: ping.path },
    typed: [...(own?.typed ?? []), ...(ping === undefined ? [] : [ping])],
  };
}

interface OwnReceiver {
  readonly receiver: DraftReceiver;
  readonly typed: readonly TypedFile[];
}

async function askReceiver(prompt: Prompt, type: Type, place: Place): Promise<OwnReceiver> {
  const name = names[type];
  if (type === 'email') return askMail(prompt, name, place);
  const isKey = type === 'pagerduty';
  const what = isKey ? 'integration key' : 'address of the webhook';
  const secret = await required(prompt, () => askSecret(prompt, `The ${what} (not shown)`, place));
  const systemd = `notify-${name}-${isKey ? 'secret' : 'url'}`;
  const typed = await secretFile(prompt, what, systemd, secret, place);
  const key = isKey ? { secretFile: typed.path } : { urlFile: typed.path };
  return { receiver: { name, type, ...key, level: 'warn' }, typed: [typed] };
}

async function askMail(prompt: Prompt, name: string, place: Place): Promise<OwnReceiver> {
  const url = await required(prompt, () =>
    prompt.ask('Mail server, such as smtps://watch@mail.example.com:465'),
  );
  const from = await required(prompt, () => prompt.ask('Mails come from'));
  const to = await required(prompt, () => prompt.ask('Mails go to'));
  const receiver = { name, type: 'email', url, from, to: to.split(/\s*,\s*/), level: 'warn' } as const;
  const password = await askSecret(prompt, 'Password of the user (not shown, or Enter for none)', place);
  if (password === '') return { receiver, typed: [] };
  const typed = await secretFile(prompt, 'password', `notify-${name}-secret`, password, place);
  return { receiver: { ...receiver, passwordFile: typed.path }, typed: [typed] };
}

async function required(prompt: Prompt, ask: () => Promise<string>): Promise<string> {
  for (;;) {
    const answer = await ask();
    if (answer !== '') return answer;
    prompt.show('This is needed. Ctrl-C leaves.');
  }
}

async function askSecret(prompt: Prompt, question: string, { redactor }: Place): Promise<string> {
  const answer = await prompt.askSecretly(question);
  if (answer !== '') redactor.register(answer);
  return answer;
}

async function secretFile(
  prompt: Prompt,
  name: string,
  systemd: string,
  text: string,
  { file, env }: Place,
): Promise<TypedFile> {
  return { path: await askNewFile(prompt, { name, systemd }, file, env), text };
}

/** Sends a test to all, and says what came back. Resolves to whether all of them took it. */
async function works(prompt: Prompt, draft: Draft, place: Place): Promise<boolean> {
  const { redactor, interrupted } = place;
  const loaded = await loadTyped(draft, place);
  if (!loaded.ok) {
    prompt.show(...loaded.problems.map((problem) => redactor.text(problem)));
    return false;
  }
  for (const secret of secretsOfNotifications(loaded.notifications)) redactor.register(secret);
  if (!place.sends) return true;
  const options = {
    version: readVersion(),
    redact: (text: string) => redactor.text(text),
    title: undefined,
    now: Date.now(),
    signal: interrupted,
  };
  let allTaken = true;
  prompt.show('Sending a test ...');
  for await (const trial of tryNotifications(loaded.notifications, options)) {
    if (interrupted.aborted) throw new Interrupted();
    prompt.show(redactor.text(trialSentence(trial)));
    allTaken &&= trial.outcome.result === 'delivered';
  }
  return allTaken;
}

/** Loads the receivers of a draft as the program will, with what is typed in place of the files that are not there yet. */
async function loadTyped(draft: Draft, { file, env }: Place): Promise<NotificationsResult> {
  const loaded = await loadDraft(draft, file, env);
  if (!loaded.ok) return loaded;
  const typed = new Map(draft.notifications?.typed.map(({ path, text }) => [path, text]));
  return loadNotifications(loaded.config, {
    env,
    origins: loaded.origins,
    events: eventNames(),
    readFile: async (path) => typed.get(path) ?? files.readText(path),
    stat: async (path) => (typed.has(path) ? { mode: 0o600 } : files.stat(path)),
  });
}
