import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventRecord } from '../../events/event-record.ts';
import type { OperatorRequest } from '../../state/operator-word.ts';
import type { RequestBox } from '../../state/request-box.ts';
import { StateError } from '../../state/store.ts';
import { requestProblem } from '../../watch/migration/operator-request.ts';
import { runningWindow } from '../../watch/migration/readiness-window.ts';
import type { Target } from '../../watch/migration/target.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { loadRecorded } from '../load-settings.ts';
import { openRequests, targetsCalled } from '../record.ts';
import { print, say } from '../terminal.ts';
import { nameProblems } from '../wait/arguments.ts';
import { authorOf, type Wish, type WordOptions, wishOf } from '../word/requests.ts';

/** How long a command waits for a running watcher, and how often it looks, in ms. */
const answerWithinMs = 3_000;
const lookEveryMs = 50;

/**
 * States something about a migration (`extend`, `ack`, `unack`, `plan`): leaves a request in the store, and prints
 * what the watcher makes of it. Without a watcher, the request waits there.
 */
export async function wordCommand(
  command: OperatorRequest['command'],
  name: string,
  options: WordOptions,
): Promise<ExitCode> {
  const wish = wishOf(command, options, Date.now());
  if (typeof wish === 'string') {
    say(wish);
    return exitCode.usage;
  }
  const loaded = await loadRecorded(options.config);
  if (loaded === undefined) return exitCode.configuration;
  const { state } = loaded;
  const { migrations } = loaded.config;
  const [target] = targetsCalled(migrations, name);
  if (target === undefined) {
    say(...nameProblems(migrations, [name]));
    return exitCode.usage;
  }
  let box: RequestBox | undefined;
  try {
    box = await openRequests(state);
    return await ask(box, await requestOf(wish, target, options, box));
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    say(error.message);
    return exitCode.state;
  } finally {
    await box?.close();
  }
}

async function requestOf(
  wish: Wish,
  target: Target,
  { comment }: WordOptions,
  box: RequestBox,
): Promise<OperatorRequest> {
  const { name: migration, groupId, liveMigrationId } = target;
  const readySince = runningWindow(await box.state(target))?.since;
  return {
    id: randomUUID(),
    migration,
    groupId,
    liveMigrationId,
    requestedAt: Date.now(),
    author: authorOf(process.env),
    ...(comment !== undefined && { comment }),
    ...(readySince !== undefined && { readySince }),
    ...wish,
  };
}

async function ask(box: RequestBox, request: OperatorRequest): Promise<ExitCode> {
  const problem = box.isWatched ? undefined : requestProblem(request, Date.now());
  if (problem !== undefined) {
    say(`${request.migration} is as before: ${request.command} was refused. ${problem.detail}`);
    return exitCode.no;
  }
  await box.leave(request);
  if (!box.isWatched) {
    print(
      `Recorded for ${request.migration}. The watcher takes it up when it starts, if that is within a day.`,
    );
    return exitCode.done;
  }
  const answer = await answerTo(box, request.id);
  if (answer === 'waiting') {
    print(
      `Recorded for ${request.migration}, but not taken up within ${answerWithinMs / 1000} s. The watcher takes it up when it can; look at its log.`,
    );
    return exitCode.done;
  }
  if (answer?.event === 'watcher.request_refused') {
    say(answer.msg);
    return exitCode.no;
  }
  print(answer?.msg ?? `Taken up for ${request.migration}.`);
  return exitCode.done;
}

async function answerTo(box: RequestBox, id: string): Promise<EventRecord | 'waiting' | undefined> {
  const until = performance.now() + answerWithinMs;
  for (;;) {
    const answer = await box.answer(id);
    if (answer !== 'waiting' || performance.now() > until) return answer;
    await delay(lookEveryMs);
  }
}
