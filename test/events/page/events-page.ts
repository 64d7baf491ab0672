import { vi } from 'vitest';
import { catalogue, type EventName } from '../../../src/events/catalogue.ts';
import { createEmitter } from '../../../src/events/emitter.ts';
import { Redactor } from '../../../src/events/redactor.ts';
import { CollectingOutput } from '../collecting-output.ts';
import { playDaemon, playReloads } from './daemon-story.ts';
import { playFleet } from './fleet-story.ts';

const start = Date.UTC(2026, 10, 23, 8, 0, 0);

const introduction = `# The events, line by line

<!-- Written by npm run generate; changes by hand are lost. -->

One line of every event, as \`log.format: json\` writes it, recorded from the program itself while it watched scripted
migrations. [events.schema.json](events.schema.json) has every field with its type and meaning, and the README what all
of them have in common. Fields may be added; readers ignore those they do not know.
`;

/** Returns the page that shows one line of each event, as the program writes them. */
export async function eventsPage(): Promise<string> {
  const lines = await recordLines();
  const sections = (Object.keys(catalogue) as EventName[]).map((name) => {
    const line = lines.get(name);
    if (line === undefined) throw new Error(`Nothing in the stories leads to ${name}.`);
    return `## \`${name}\`\n\nWhen: ${catalogue[name].when}.\n\n\`\`\`json\n${line}\n\`\`\`\n`;
  });
  return [introduction, ...sections].join('\n');
}

/** Plays the stories and returns the first line of each event. */
async function recordLines(): Promise<ReadonlyMap<string, string>> {
  const output = new CollectingOutput();
  const emit = createEmitter({ output, format: 'json', level: 'debug', redactor: new Redactor() });
  try {
    // The daemon talks over sockets, which know nothing of a fake timer: for it, only the date stands still.
    vi.useFakeTimers({ now: start, toFake: ['Date'] });
    await playDaemon(output);
    await playReloads(emit);
    vi.useFakeTimers({ now: start, toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
    await playFleet(emit);
  } finally {
    vi.useRealTimers();
  }
  const first = new Map<string, string>();
  for (const [index, { event }] of output.records.entries())
    if (!first.has(String(event))) first.set(String(event), output.lines[index]?.trimEnd() ?? '');
  return first;
}
