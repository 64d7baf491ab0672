import { expect, test } from 'vitest';
import { callerPath, takenByNpm } from '../../src/cli/npm.ts';

const start = { npm_package_name: 'cutover-watch', npm_lifecycle_event: 'start' };
const options = new Set(['config', 'once', 'json', 'verify', 'exit-when-settled', 'timeout']);
const put = (call: string): RegExp =>
  new RegExp(`Put -- before the arguments: ${call.replaceAll('.', '\\.')}$`);

test.each([
  { args: ['check'], env: { npm_config_call: 'w.yaml' }, call: 'npm start -- check -c w.yaml' },
  { args: [], env: { npm_config_call: 'w.yaml' }, call: 'npm start -- -c w.yaml' },
  { args: ['wait', 'a'], env: { npm_config_call: "it's" }, call: "npm start -- wait a -c 'it'\\\\''s'" },
  { args: ['check', 'w.yaml'], env: { npm_config_config: 'true' }, call: 'npm start -- ...' },
  { args: ['run'], env: { npm_config_exit_when_settled: 'true' }, call: 'npm start -- ...' },
  { args: ['init'], env: { npm_config_verify: '' }, call: 'npm start -- ...' },
])('options that npm took are refused with the right command: $call', ({ args, env, call }) => {
  expect(takenByNpm({ ...start, ...env }, args, options)).toMatch(put(call));
});

test('the demo is started by its own script', () => {
  const env = { npm_package_name: 'cutover-watch', npm_lifecycle_event: 'demo', npm_config_speed: '2' };
  expect(takenByNpm(env, ['demo'], new Set(['speed']))).toBe(
    'npm took --speed 2 for itself and did not pass it on. Put -- before the arguments: npm run demo -- ...',
  );
});

test.each([
  { rule: 'npm took nothing', env: start },
  { rule: 'npm has the option itself', env: { ...start, npm_config_json: 'true' } },
  { rule: 'npm did not start the program', env: { npm_config_call: 'w.yaml' } },
  { rule: 'an empty call is the default of npm', env: { ...start, npm_config_call: '' } },
])('nothing is refused where $rule', ({ env }) => {
  expect(takenByNpm(env, ['check'], options)).toBeUndefined();
});

test.each([
  { path: 'w.yaml', env: { ...start, INIT_CWD: '/home/me' }, is: '/home/me/w.yaml' },
  { path: '/w.yaml', env: { ...start, INIT_CWD: '/home/me' }, is: '/w.yaml' },
  { path: 'w.yaml', env: { ...start, INIT_CWD: '/src/' }, is: 'w.yaml' },
  { path: 'w.yaml', env: { INIT_CWD: '/home/me' }, is: 'w.yaml' },
  { path: 'w.yaml', env: start, is: 'w.yaml' },
])('$path is $is where npm runs in /src, with $env', ({ path, env, is }) => {
  expect(callerPath(path, env, '/src')).toBe(is);
});
