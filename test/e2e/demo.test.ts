import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';

const longest = 60_000;
const hasScript = spawnSync('script', ['--version']).status === 0;
const main = new URL('../../dist/main.js', import.meta.url).pathname;

// Both wait most of the time.
describe.concurrent('the demo', () => {
  test(
    'ends by itself with a pipe, prints only events to it, and says what to do next',
    async () => {
      // It throws where the program ends with anything but 0.
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        [main, 'demo', '--speed', '1.5'],
        {
          env: {},
        },
      );
      const events = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as EventRecord);
      const names = new Set(events.map(({ event }) => event));
      for (const ending of [
        'completed',
        'failed',
        'expired',
        'readiness_withdrawn',
        'hosts_changed',
        'unknown_status',
        'lag_stalled',
      ])
        expect(names).toContain(`migration.${ending}`);
      expect(stderr).toMatch(/^Status page: http:\/\/127\.0\.0\.1:\d+\/$/m);
      expect(stderr).toContain('Next, your own migrations:\n  1. cutover-watch init ');
      expect(stderr).not.toContain('Ctrl-C');
    },
    longest,
  );

  test.skipIf(!hasScript)(
    'serves its page on a terminal until Ctrl-C, and says so (skipped without script of util-linux)',
    async () => {
      const command = `exec ${process.execPath} ${main} demo --speed 2`;
      const terminal = spawn('script', ['-qec', command, '/dev/null'], {
        env: { PATH: process.env.PATH, TERM: 'xterm', NO_COLOR: '1' },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const ended = once(terminal, 'close');
      let shown = '';
      terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
        shown += text;
      });
      await expect
        .poll(() => shown, { timeout: longest })
        .toContain('The status page stays there until you press Ctrl-C.');
      const [, address = ''] = /^Status page: (\S+)/m.exec(shown) ?? [];
      expect(await (await fetch(address)).text()).toContain('<title>cutover-watch</title>');
      expect(terminal.exitCode).toBeNull();
      terminal.stdin.write('\u0003');
      expect(await ended).toEqual([0, null]);
      expect(shown.match(/MIGRATION +READY +END/g)).toHaveLength(1);
    },
    longest,
  );
});
