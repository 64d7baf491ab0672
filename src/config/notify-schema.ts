import { z } from 'zod';
import { labels } from './migrations-schema.ts';
import { type CrossCheck, crossCheck, leaf, property, Refusal } from './scalar-schema.ts';
import { choice, duration, filePath, OR_VARIABLE } from './scalars.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 86_400_000;

/** Every event passes each of them, and the secrets of each are looked for in every text. */
const MAX_RECEIVERS = 50;
const MAX_MAIL_ADDRESSES = 20;

const TYPES = ['webhook', 'slack', 'teams', 'pagerduty', 'email'] as const;

/** The keys that not every type of receiver takes, and the types that do. */
const TYPES_WITH: ReadonlyMap<string, readonly (typeof TYPES)[number][]> = new Map([
  ['secretFile', ['webhook', 'pagerduty']],
  ['passwordFile', ['email']],
  ['from', ['email']],
  ['to', ['email']],
]);

const receiver = z
  .strictObject(
    {
      name: receiverName().meta({
        description:
          'Name of the receiver, unique: up to 60 letters, digits, `.`, `_` and `-`. A receiver with another name is a new one.',
      }),
      type: choice(...TYPES).meta({ description: 'What the receiver is.' }),
      url: address().optional().meta({
        description:
          'Address of the receiver, a secret: take it from a variable, or name its file as `urlFile`. https, or for type `email` smtps or smtp, with the user in it.',
        defaultText: "PagerDuty's for type `pagerduty`",
      }),
      urlFile: secretPath().optional().meta({ description: 'File that holds the address.' }),
      secretFile: secretPath().optional().meta({
        description:
          'For type `webhook`, file with the keys that sign, each `whsec_...` on a line of its own; for type `pagerduty`, file with the routing key.',
      }),
      passwordFile: secretPath().optional().meta({
        description: 'For type `email`, file with the password of the user in the address.',
      }),
      from: mailAddress().optional().meta({ description: 'For type `email`, the sender.' }),
      to: z
        .array(mailAddress(), {
          error: 'is {value}; write a list of mail addresses such as [dba@example.com].',
        })
        .check(crossCheck(findAddressCount))
        .optional()
        .meta({
          description: `For type \`email\`, the recipients, at most ${MAX_MAIL_ADDRESSES}.`,
          kind: 'list of mail addresses',
        }),
      level: choice('debug', 'info', 'warn', 'error')
        .prefault('info')
        .meta({ description: 'The least important events to send.' }),
      events: z
        .array(eventPattern(), {
          error: 'is {value}; write a list of events such as [migration.*, watcher.unreachable].',
        })
        .prefault([])
        .meta({
          description:
            'The events to send, where `*` stands for any characters; an empty list for all that are stored.',
          kind: 'list of events',
        }),
      labels: labels.prefault({}).meta({
        description:
          'Sends events about migrations that have all of these labels; events about a project or the account always.',
      }),
      timeout: duration(SECOND, 5 * MINUTE)
        .prefault('20s')
        .meta({ description: 'How long one attempt may take.' }),
      giveUpAfter: duration(MINUTE, 30 * DAY)
        .prefault('3d')
        .meta({ description: 'How long one event is tried before it is dropped.' }),
    },
    { error: 'is {value}; write name, type and urlFile below it.' },
  )
  .check(crossCheck(findTypeConflicts));

/** The `notify` section: who is notified of events. */
export const notifySchema = z
  .array(receiver, {
    error: 'is {value}; write - before each receiver, with its name, type and urlFile.',
  })
  .check(crossCheck(findListFaults))
  .prefault([])
  .meta({
    description: `Who is notified of events, at most ${MAX_RECEIVERS} receivers.`,
    example: [
      {
        name: 'on-call',
        type: 'webhook',
        urlFile: '/run/secrets/on-call-url',
        secretFile: '/run/secrets/on-call-key',
        level: 'warn',
        events: ['migration.*', 'watcher.unreachable', 'watcher.recovered'],
        labels: { team: 'payments' },
        timeout: '20s',
        giveUpAfter: '3d',
      },
      {
        name: 'mail',
        type: 'email',
        url: 'smtps://watch@mail.example.com:465',
        passwordFile: '/run/secrets/smtp-password',
        from: 'watch@example.com',
        to: ['dba@example.com'],
      },
    ],
  });

/** The `ping` section: an address that gets a request as long as everything is well. */
export const pingSchema = z
  .strictObject(
    {
      url: address().optional().meta({
        description: 'The address, a secret: take it from a variable, or name its file as `urlFile` instead.',
        example: 'https://hc-ping.com/01234567-89ab-cdef-0123-456789abcdef',
      }),
      urlFile: secretPath().optional().meta({ description: 'File that holds the address.' }),
      tokenFile: secretPath().optional().meta({
        description:
          'File with a token that is sent as `Authorization: Bearer`, where the receiver wants one.',
        example: '/run/secrets/ping-token',
      }),
      every: duration(10 * SECOND, 60 * MINUTE)
        .prefault('1m')
        .meta({ description: 'How often to send the request.' }),
    },
    { error: 'is {value}; write urlFile below it.' },
  )
  .optional()
  .meta({
    description:
      'An address that gets a request as long as migrations are watched, of a service that raises an alarm when the requests stop.',
    example: { urlFile: '/run/secrets/ping-url', every: '1m' },
  });

function receiverName() {
  return leaf<string>({
    read: (text) => {
      if (text === 'ping') return new Refusal('is "ping", the name of the ping; give the receiver another.');
      return /^[A-Za-z0-9._-]{1,60}$/.test(text) ? text : undefined;
    },
    remedy: 'a name of up to 60 letters, digits, dots, hyphens and underscores',
    hints: { kind: 'name', type: ['string', 'number'], pattern: `^[A-Za-z0-9._-]{1,60}$${OR_VARIABLE}` },
  });
}

/** What is wrong with an address is found when it is read, wherever it comes from. */
function address() {
  return leaf<string>({
    read: (text) => (text.trim() === '' ? undefined : text),
    remedy: 'the address, with its scheme',
    hints: { kind: 'address', type: 'string', pattern: `^(https?|smtps?)://${OR_VARIABLE}` },
  });
}

/** The path of a file with a secret, which is not the secret itself. */
function secretPath() {
  return filePath((text) =>
    /:\/\/|whsec_/.test(text) || /^[A-Za-z0-9]{32}$/.test(text)
      ? 'is the secret itself and not the path of its file; put it into a file, and write the path here.'
      : undefined,
  );
}

function mailAddress() {
  return leaf<string>({
    read: (text) =>
      text.length <= 320 &&
      /^(?:[^<>",;:\\\p{C}]* <[^\s<>@,;]+@[^\s<>@,;]+>|[^\s<>@,;]+@[^\s<>@,;]+)$/u.test(text)
        ? text
        : undefined,
    remedy: 'a mail address such as dba@example.com or Database team <dba@example.com>',
    hints: { kind: 'mail address', type: 'string', pattern: `@${OR_VARIABLE}` },
  });
}

function eventPattern() {
  return leaf<string>({
    read: (text) => (/^[\w.*-]{1,100}$/.test(text) ? text : undefined),
    remedy: 'the name of an event, or a pattern such as migration.*',
    hints: { kind: 'event', type: 'string', pattern: `^[A-Za-z0-9_.*-]+$${OR_VARIABLE}` },
  });
}

function findAddressCount(given: unknown): readonly CrossCheck[] {
  if (!Array.isArray(given)) return [];
  if (given.length === 0) return [{ path: [], clause: 'is an empty list; write at least one mail address.' }];
  return given.length > MAX_MAIL_ADDRESSES
    ? [{ path: [], clause: `holds ${given.length} mail addresses; ${MAX_MAIL_ADDRESSES} is the most.` }]
    : [];
}

function findTypeConflicts(given: unknown): readonly CrossCheck[] {
  const type = TYPES.find((each) => each === property(given, 'type'));
  if (type === undefined) return [];
  const foreign = [...TYPES_WITH]
    .filter(([key, types]) => property(given, key) !== undefined && !types.includes(type))
    .map(([key, types]) => ({
      path: [key],
      clause: `belongs to type: ${types.join(' or ')}, but the type is ${type}; change the type, or remove the key.`,
    }));
  return type === 'email' ? [...foreign, ...missingOf(given)] : foreign;
}

function missingOf(mail: unknown): readonly CrossCheck[] {
  const wanted = [
    { key: 'from', clause: 'is missing; write the sender, such as watch@example.com.' },
    { key: 'to', clause: 'is missing; write the recipients, such as [dba@example.com].' },
  ];
  return wanted
    .filter(({ key }) => property(mail, key) === undefined)
    .map(({ key, clause }) => ({ path: [key], clause }));
}

function findListFaults(given: unknown): readonly CrossCheck[] {
  if (!Array.isArray(given)) return [];
  const tooMany = `holds ${given.length} receivers; ${MAX_RECEIVERS} is the most.`;
  const names = given.map((item: unknown) => property(item, 'name'));
  const namesakes = names.flatMap((name, index): readonly CrossCheck[] => {
    const first = names.indexOf(name);
    return typeof name !== 'string' || first === index
      ? []
      : [{ path: [index], clause: 'has the same name as {other}; give it a name of its own.', other: first }];
  });
  return [...(given.length > MAX_RECEIVERS ? [{ path: [], clause: tooMany }] : []), ...namesakes];
}
