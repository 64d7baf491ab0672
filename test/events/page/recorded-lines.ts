import { vi } from 'vitest';
import { catalogue, type EventName } from '../../../src/events/catalogue.ts';
import { createEmitter } from '../../../src/events/emitter.ts';
import { Redactor } from '../../../src/events/redactor.ts';
import { CollectingOutput } from '../collecting-output.ts';
import { playDaemon, playReloads } from './daemon-story.ts';
import { playFleet } from './fleet-story.ts';
import { playNotifications } from './notification-story.ts';
import { playRoles } from './role-story.ts';

const start = Date.UTC(2026, 10, 23, 8, 0, 0);

/** What the scope of an outage is called above its line. */
const scopes: ReadonlyMap<unknown, string> = new Map([
  ['migration', 'One migration'],
  ['project', 'A project'],
  ['account', 'The account'],
]);

/**
 * Returns a section for each event, in Markdown: when it is emitted, and a line as the program writes it; of an outage, a
 * line for each scope.
 */
export async function recordedLines(): Promise<string> {
  const lines = await recordLines();
  const sections = (Object.keys(catalogue) as EventName[]).map((name) => {
    const known = lines.get(name);
    if (known === undefined) throw new Error(`Nothing in the stories leads to ${name}.`);
    const examples = [...known].map(([scope, line]) => {
      const title = scopes.get(scope);
      return `${title === undefined ? '' : `${title}:\n\n`}\`\`\`json\n${line}\n\`\`\`\n`;
    });
    return `### \`${name}\`\n\nWhen: ${catalogue[name].when}.\n\n${examples.join('\n')}`;
  });
  return sections.join('\n');
}

/** Plays the stories and returns the first line of each event, by scope where it has one. */
async function recordLines(): Promise<ReadonlyMap<string, ReadonlyMap<unknown, string>>> {
  const output = new CollectingOutput();
  const write = createEmitter({ output, format: 'json', level: 'debug', redactor: new Redactor() });
  try {
    // The daemon uses sockets, which follow no fake timer: for it, only the date stands still.
    vi.useFakeTimers({ now: start, toFake: ['Date'] });
    await playDaemon(output);
    await playReloads(write);
    await playNotifications(write);
    playRoles(write);
    vi.useFakeTimers({ now: start, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    await playFleet(write);
  } finally {
    vi.useRealTimers();
  }
  const first = new Map<string, Map<unknown, string>>();
  for (const [index, { event, scope }] of output.records.entries()) {
    const known = first.get(String(event)) ?? new Map<unknown, string>();
    first.set(String(event), known);
    if (!known.has(scope)) known.set(scope, output.lines[index]?.trimEnd() ?? '');
  }
  return first;
}
