import { quoted } from '../../config/quoted.ts';
import type { NotificationSettings, SinkSettings } from '../../config/sink-settings.ts';
import { closest } from '../../config/suggest.ts';
import { createPingSender } from '../../sinks/http/ping-sender.ts';
import type { Outcome } from '../../sinks/sender.ts';
import { createSender } from '../../sinks/senders.ts';
import { testEvent } from '../../sinks/test-event.ts';

/** What came back from one receiver, or from the address of the ping. */
export interface Trial {
  readonly name: string;
  readonly type: SinkSettings['type'] | 'ping';
  readonly outcome: Outcome;
}

export interface TrialOptions {
  readonly version: string;
  readonly redact: (text: string) => string;
  /** Name of this watcher (`http.title`). */
  readonly title: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/** The name of the ping among the receivers. */
const pingName = 'ping';

/** Returns the receivers of these names, and the ping where it is named; all where none is. */
export function chooseReceivers(all: NotificationSettings, names: readonly string[]): NotificationSettings {
  if (names.length === 0) return all;
  return {
    sinks: all.sinks.filter(({ name }) => names.includes(name)),
    ping: names.includes(pingName) ? all.ping : undefined,
  };
}

/** Returns a sentence about every name that nothing has. */
export function receiverProblems(known: readonly string[], names: readonly string[]): readonly string[] {
  return [...new Set(names)]
    .filter((name) => !known.includes(name))
    .map((name) => {
      const near = closest(name, known);
      const advice = near === undefined ? `There is ${known.join(', ')}.` : `Did you mean ${near}?`;
      return `There is no receiver ${quoted(name)} under notify. ${advice}`;
    });
}

/** Returns the names that can be tested. */
export function namesIn({
  sinks,
  ping,
}: {
  readonly sinks: readonly { readonly name: string }[];
  readonly ping: unknown;
}): readonly string[] {
  return [...sinks.map(({ name }) => name), ...(ping === undefined ? [] : [pingName])];
}

/** Sends a test to each receiver and to the ping, all at once. Yields what came back, in the order of the configuration. */
export async function* tryNotifications(
  { sinks, ping }: NotificationSettings,
  options: TrialOptions,
): AsyncGenerator<Trial> {
  const trials = sinks.map((settings) => trySink(settings, options));
  const all = ping === undefined ? trials : [...trials, tryPing(ping, options)];
  for (const trial of all) yield await trial;
}

async function trySink(settings: SinkSettings, options: TrialOptions): Promise<Trial> {
  const { name, type } = settings;
  const { now, title, signal } = options;
  const sender = createSender(settings, options);
  try {
    return { name, type, outcome: await sender.send(testEvent(name, now), { now, title }, signal) };
  } finally {
    await sender.close();
  }
}

async function tryPing(
  settings: NonNullable<NotificationSettings['ping']>,
  options: TrialOptions,
): Promise<Trial> {
  const sender = createPingSender(settings, options);
  const body = 'This is a test of the ping: somebody ran cutover-watch notify test.';
  try {
    const outcome = await sender.send({ url: settings.url, body }, options.signal);
    return { name: pingName, type: 'ping', outcome };
  } finally {
    await sender.close();
  }
}

/** Returns what came back, in one line. */
export function trialSentence({ name, type, outcome: { result, answer, remedy } }: Trial): string {
  const said = answer.replace(/\.$/, '');
  if (result === 'delivered') return [`${name}: delivered (${said}).`, remedy].filter(Boolean).join(' ');
  // The incident of the test may be open: what resolves it did not arrive.
  const open =
    type === 'pagerduty' && result === 'failed'
      ? 'If PagerDuty shows an incident of this test, resolve it there.'
      : '';
  return [`${name}: failed: ${said}.`, remedy, open].filter(Boolean).join(' ');
}

/** Returns what came back, for programs. */
export function trialView({ name, type, outcome: { result, answer, status, remedy } }: Trial) {
  return {
    name,
    type,
    delivered: result === 'delivered',
    result,
    answer,
    ...(status !== undefined && { httpStatus: status }),
    ...(remedy !== '' && { remedy }),
  };
}
