import { existsSync } from 'node:fs';
import { cleanText } from '../../atlas/clean-text.ts';
import type { StateSettings } from '../../config/state-settings.ts';
import { StateError } from '../../state/store.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { loadRecorded, loadSettings } from '../load-settings.ts';
import { type ListedSettings, type Listing, listReceivers } from '../notify/list.ts';
import { listingSentences, receiverTable } from '../notify/table.ts';
import {
  chooseReceivers,
  namesIn,
  receiverProblems,
  trialSentence,
  trialView,
  tryNotifications,
} from '../notify/trial.ts';
import { readVersion } from '../program-name.ts';
import { openRecord } from '../record.ts';
import { columnsOf, print, printSentences, say, wantsColor } from '../terminal.ts';

export interface NotifyOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** Tests receivers of notifications, or lists how they stand. */
export function notifyCommand(
  action: 'test' | 'list',
  names: readonly string[],
  options: NotifyOptions,
): Promise<ExitCode> {
  return action === 'test' ? testReceivers(names, options) : list(names, options);
}

/** Sends a test to the receivers, on the way that events take, and prints what came back. */
async function testReceivers(names: readonly string[], { config: option, json = false }: NotifyOptions) {
  const settings = await loadSettings(option, { notifies: true });
  if (settings === undefined) return exitCode.configuration;
  const { file, config, notifications, redactor } = settings;
  const known = namesIn(notifications);
  const problems = known.length === 0 ? [] : receiverProblems(known, names);
  if (problems.length > 0) {
    say(...problems);
    return exitCode.usage;
  }
  if (known.length === 0) say(nobody(file));
  const results: object[] = [];
  let code: ExitCode = known.length === 0 ? exitCode.no : exitCode.done;
  const options = {
    version: readVersion(),
    redact: (text: string) => redactor.text(text),
    title: config.http.title,
    now: Date.now(),
    signal: new AbortController().signal,
  };
  for await (const trial of tryNotifications(chooseReceivers(notifications, names), options)) {
    if (trial.outcome.result !== 'delivered') code = exitCode.no;
    if (json) results.push(redactor.data(trialView(trial)) as object);
    else printSentences(redactor.text(trialSentence(trial)));
  }
  if (json) print(JSON.stringify({ results }, undefined, 2));
  return code;
}

/** Prints how the receivers stand by the record, also while a watcher runs. */
async function list(names: readonly string[], { config: option, json = false }: NotifyOptions) {
  const loaded = await loadRecorded(option);
  if (loaded === undefined) return exitCode.configuration;
  const { file, config, state, redactor } = loaded;
  const { notify } = config;
  const problems =
    notify.length === 0
      ? []
      : receiverProblems(
          notify.map(({ name }) => name),
          names,
        );
  if (problems.length > 0) {
    say(...problems);
    return exitCode.usage;
  }
  const chosen = names.length === 0 ? notify : notify.filter(({ name }) => names.includes(name));
  let listing: Listing;
  try {
    listing = await listingOf(notify, state);
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    say(error.message);
    return exitCode.state;
  }
  const receivers = listing.receivers.filter(({ name }) => chosen.some((one) => one.name === name));
  if (json) {
    const { removed } = listing;
    print(JSON.stringify({ receivers: redactor.data(receivers), removed }, undefined, 2));
    return exitCode.done;
  }
  if (receivers.length === 0) say(nobody(file));
  const now = Date.now();
  const { stdout } = process;
  const clean = (text: string): string => redactor.text(cleanText(text, Number.POSITIVE_INFINITY));
  const look = { color: wantsColor(stdout), columns: columnsOf(stdout) };
  if (receivers.length > 0) print(redactor.text(receiverTable(receivers, now, look)));
  const removed = names.length === 0 ? listing.removed : [];
  const sentences = listingSentences({ receivers, removed }, now);
  if (sentences.length > 0) printSentences('', ...sentences.map(clean));
  return exitCode.done;
}

/** Before the first watcher there is no record. */
async function listingOf(settings: readonly ListedSettings[], state: StateSettings): Promise<Listing> {
  if (state.kind === 'file' && (state.path === ':memory:' || !existsSync(state.path)))
    return listReceivers(settings, []);
  const record = await openRecord(state);
  try {
    return await listReceivers(settings, record.cursors());
  } finally {
    await record.close();
  }
}

function nobody(file: string): string {
  return `${file}: nobody is notified, as there is no receiver under notify. config/notifications.md shows how.`;
}
