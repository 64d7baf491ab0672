import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canMount } from '../state/mount.ts';
import { configFor, startAtlas } from './atlas-by-hand.ts';
import { keyInEnvironment, temporaryFolder, writeConfig } from './program.ts';

const main = new URL('../../dist/main.js', import.meta.url).pathname;
const journald = '/lib/systemd/systemd-journald';
const isMissing = !canMount || !existsSync(journald) || spawnSync('systemd-cat', ['--version']).status !== 0;

/** A journal of its own: journald, the program with its output there, and what journalctl then finds. */
const script = `set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/journal /run/systemd/journald.conf.d /run/log/journal
printf '[Journal]\\nStorage=volatile\\nReadKMsg=no\\nAudit=no\\n' > /run/systemd/journald.conf.d/test.conf
${journald} 2>/dev/null & journal=$!
until [ -S /run/systemd/journal/stdout ]; do sleep 0.05; done
for id in json pretty; do
  # As systemd does for a service, and as systemd-cat does only lately.
  systemd-cat -t $id sh -c 'export JOURNAL_STREAM=$(stat -L -c %d:%i /proc/$$/fd/1); exec "$NODE" "$MAIN" run --once -c "$0"' "$FOLDER/$id.yaml"
done
kill $journal; wait $journal || true
for id in json pretty; do
  journalctl -D /run/log/journal -t $id -o cat > "$FOLDER/$id.all"
  journalctl -D /run/log/journal -t $id -p warning -o cat > "$FOLDER/$id.warnings"
done
journalctl -D /run/log/journal -t json -o json > "$FOLDER/shipped"
`;

test.skipIf(isMissing)(
  'the journal has the priority of each line, finds the ready event among the warnings, and holds clean JSON (skipped without systemd-journald and the right to mount)',
  async () => {
    const atlas = await startAtlas();
    atlas.say(0, { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 4 });
    const folder = temporaryFolder();
    for (const format of ['json', 'pretty']) {
      const { schedule: _tooFastForABusyMachine, ...config } = configFor(atlas.simulator.baseUrl);
      const file = writeConfig(folder, {
        ...config,
        state: { path: ':memory:' },
        log: { format },
      });
      writeFileSync(join(folder, `${format}.yaml`), readFileSync(file));
    }
    const env = {
      PATH: process.env.PATH,
      ...keyInEnvironment(),
      NODE: process.execPath,
      MAIN: main,
      FOLDER: folder,
    };
    const child = spawn('unshare', ['-m', 'sh', '-c', script], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const linesOf = (name: string) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);

    const all = linesOf('json.all').map((line) => JSON.parse(line) as { level: string; event: string });
    const warnings = linesOf('json.warnings').map((line) => (JSON.parse(line) as { event: string }).event);
    expect(all.map(({ event }) => event)).toContain('migration.first_seen');
    expect(warnings).toEqual(['migration.ready_for_cutover']);
    // What imjournal and the shippers read.
    for (const entry of linesOf('shipped')) {
      const { MESSAGE, PRIORITY } = JSON.parse(entry) as Record<string, string>;
      const { level } = JSON.parse(MESSAGE ?? '') as { level: string };
      expect(PRIORITY).toBe(level === 'warn' ? '4' : '6');
    }
    expect(linesOf('pretty.all').join('\n')).not.toMatch(/<\d>/);
    expect(linesOf('pretty.warnings')).toEqual([expect.stringMatching(/★ .*is ready for cutover/)]);
  },
);

test('an output that is not the journal has no priorities, even if the variable was inherited', async () => {
  const atlas = await startAtlas();
  atlas.say(0, { status: 'WORKING', readyForCutover: true });
  const folder = temporaryFolder();
  const file = writeConfig(folder, { ...configFor(atlas.simulator.baseUrl), state: { path: ':memory:' } });
  const firstCharacters = [];
  for (const isNamed of [false, true]) {
    const path = join(folder, `output-${isNamed}`);
    const output = openSync(path, 'w');
    const { dev, ino } = fstatSync(output, { bigint: true });
    const env = { ...keyInEnvironment(), JOURNAL_STREAM: `${dev}:${isNamed ? ino : ino + 1n}` };
    const child = spawn(process.execPath, [main, 'run', '--once', '-c', file], {
      env,
      stdio: ['ignore', output, 'ignore'],
    });
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    closeSync(output);
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    firstCharacters.push(new Set(lines.map((line) => line.slice(0, 2))));
  }
  expect(firstCharacters).toEqual([new Set(['{"']), new Set(['<6', '<4'])]);
});
