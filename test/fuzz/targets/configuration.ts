import { globSync, readFileSync } from 'node:fs';
import { readDaemonAddress } from '../../../src/config/daemon-address.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { describeConfig } from '../../../src/config/print-config.ts';
import { memory } from '../../../src/config/state-settings.ts';
import { createCronSchedule } from '../../../src/watch/schedule/cron.ts';
import { demand, type Target } from '../target.ts';

const root = new URL('../../../', import.meta.url).pathname;
const files = ['config/cutover-watch.example.yaml', ...globSync('test/config/fixtures/*', { cwd: root })];
const secret = 's3cr3t-value';
const env = { HOME: '/home/me', SECRET: secret, NAME: 'orders' };
const access = {
  credentials: { type: 'apiKey', publicKey: 'abcdefgh', privateKey: secret },
  sources: { identity: 'here', secret: 'there' },
  state: memory,
  stateSource: undefined,
} as const;

/** Configuration files: a problem in words or a configuration, which is the same when it is printed and read again. */
export const target: Target = {
  corpus: files.map((file) => readFileSync(`${root}${file}`, 'utf8')),
  runs: [
    ['${A:-', '$$'],
    ['${A:-', '${A:-'],
    ['?', '?'],
    ['&a *a', ' *a'],
    ['[', '['],
    ['a.', 'a.'],
    ['1', '1'],
    ['/', '\\'],
  ],
  tokens: [
    [
      '${',
      '}',
      '${NAME}',
      '${SECRET}',
      '${A:-',
      '$$',
      ':-',
      '&a ',
      '*a',
      '<<: ',
      '- ',
      ': ',
      '? ',
      '|\n',
      '>\n',
    ],
    [
      '!!binary ',
      '!x ',
      '---\n',
      '%YAML 1.2\n',
      '"',
      "'",
      '[',
      ']',
      '{',
      '}',
      '\t',
      '\n',
      '\r\n',
      '# ',
      '\0',
    ],
    ['\uFEFF', '\u200b', '\uFFFD', '\ud800', '__proto__', 'constructor', 'migrations:', '?', '@', '=', 'x'],
    [
      '*/7 * * * * *',
      '0 0 30 2 *',
      'Europe/Berlin',
      '127.0.0.1:1',
      '5f7f5f5f5f5f5f5f5f5f5f5f',
      '1e999',
      '9s',
    ],
  ].flat(),
  open: () => ({
    async run(input) {
      const readFile = () => Promise.resolve(Buffer.from(input).toString('utf8'));
      // Each reads the whole file.
      if (input.length % 8 === 0) {
        await readDaemonAddress('c.yaml', env, readFile);
        return;
      }
      const loaded = await loadConfig({ file: 'c.yaml', env, readFile });
      if (!loaded.ok) {
        demand(loaded.problems.length > 0, 'a refusal has a reason');
        demand(!loaded.problems.join('\n').includes(secret), 'no problem holds a secret');
        return;
      }
      const { config } = loaded;
      const { timezone, default: usual, approaching } = config.schedule;
      for (const expression of [usual, approaching]) createCronSchedule(expression, timezone).next(0);
      describeConfig(config, access, loaded.origins);
    },
  }),
};
