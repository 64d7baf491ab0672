import { expect, test } from 'vitest';
import { callerPath, takenByNpm } from '../../src/cli/npm.ts';

const start = { npm_package_name: 'cutover-watch', npm_lifecycle_event: 'start' };
const takesValue = {
  config: true,
  listen: true,
  once: false,
  json: false,
  yes: false,
  verify: false,
  'exit-when-settled': false,
};
const options = new Map(Object.entries(takesValue));
const put = (call: string): RegExp =>
  new RegExp(`Put -- before the arguments: ${call.replaceAll('.', '\\.')}$`);

test.each([
  { args: ['check'], env: { npm_config_call: 'w.yaml' }, call: 'npm start -- check -c w.yaml' },
  { args: [], env: { npm_config_call: 'w.yaml' }, call: 'npm start -- -c w.yaml' },
  { args: ['wait', 'a'], env: { npm_config_call: "it's" }, call: "npm start -- wait a -c 'it'\\\\''s'" },
  { args: ['check', 'w.yaml'], env: { npm_config_config: 'true' }, call: 'npm start -- ...' },
  { args: ['init'], env: { npm_config_listen: '' }, call: 'npm start -- init --listen false' },
  { args: ['check'], env: { npm_config_listen: 'a\n\nb' }, call: 'npm start -- check --listen a --listen b' },
  { args: ['check'], env: { npm_config_config: 'w.yaml' }, call: 'npm start -- check --config w.yaml' },
  {
    args: ['run'],
    env: { npm_config_exit_when_settled: 'true' },
    call: 'npm start -- run --exit-when-settled',
  },
  { args: ['init'], env: { npm_config_verify: '' }, call: 'npm start -- init --no-verify' },
  {
    args: ['history'],
    env: { npm_config_call: 'w.yaml', npm_config_json: 'true', npm_config_loglevel: 'info' },
    call: 'npm start -- history -c w.yaml --json',
  },
])('options that npm took are refused with the right command: $call', ({ args, env, call }) => {
  expect(takenByNpm({ ...start, ...env }, args, options)).toMatch(put(call));
});

test('the demo is started by its own script', () => {
  const env = { npm_package_name: 'cutover-watch', npm_lifecycle_event: 'demo', npm_config_speed: '2' };
  expect(takenByNpm(env, ['demo'], new Map([['speed', true]]))).toBe(
    'npm took --speed 2 for itself and did not pass it on. Put -- before the arguments: npm run demo -- --speed 2',
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
