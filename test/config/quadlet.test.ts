import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../e2e/program.ts';

const root = new URL('../../', import.meta.url).pathname;
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const name = 'cutover-watch.container';
const quadlet = read(`config/systemd/${name}`);
const guide = read('config/container.md');
const dockerfile = read('Dockerfile');

const generator = ['/usr/libexec/podman/quadlet', '/usr/lib/podman/quadlet'].find((path) => existsSync(path));

/** The values of a key, in their order. */
function valuesOf(key: string): string[] {
  return [...quadlet.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

test('the Quadlet has the folders, the port and the user of the image', () => {
  const inImage = (variable: string): string | undefined =>
    new RegExp(`^ +${variable}=(\\S+)`, 'm').exec(dockerfile)?.[1];
  expect(valuesOf('Volume')).toEqual([
    `%E/cutover-watch:${inImage('CUTOVER_WATCH_CONFIG')?.replace('/cutover-watch.yaml', '')}:ro,Z`,
    `cutover-watch:${inImage('STATE_DIRECTORY')}`,
  ]);
  expect(valuesOf('PublishPort')).toEqual(['127.0.0.1:9464:9464']);
  const [secrets = ''] = valuesOf('PodmanArgs');
  const user = /^USER (\d+)/m.exec(dockerfile.slice(dockerfile.indexOf('FROM scratch')))?.[1];
  expect([...secrets.matchAll(/uid=(\d+),mode=0400/g)].map(([, uid]) => uid)).toEqual([user, user]);
});

test('the key is in the secrets that config/container.md creates', () => {
  const given = valuesOf('Environment').map((text) => text.split('=/run/secrets/'));
  expect(given).toEqual([
    ['MONGODB_ATLAS_PUBLIC_API_KEY_FILE', 'cutover-watch-public-key'],
    ['MONGODB_ATLAS_PRIVATE_API_KEY_FILE', 'cutover-watch-private-key'],
  ]);
  for (const [, secret = ''] of given) {
    expect(valuesOf('PodmanArgs').join(' ')).toContain(`--secret ${secret},`);
    expect(guide).toContain(`podman secret create ${secret} -`);
  }
});

test('the Quadlet closes what the documented command closes, and the health check restarts what hangs', () => {
  expect(guide).toContain('--read-only --cap-drop ALL --security-opt no-new-privileges --memory 96m');
  expect(quadlet).toMatch(/^ReadOnly=true\nDropCapability=all\nNoNewPrivileges=true$/m);
  expect(valuesOf('PodmanArgs').slice(1)).toEqual(['--memory 96m', '--health-on-failure kill']);
  expect(dockerfile).toMatch(/^HEALTHCHECK .*--retries=3 CMD/m);
});

test('the Quadlet starts at boot and restarts as the unit does', () => {
  expect(valuesOf('WantedBy')).toEqual(['default.target']);
  const unit = read('config/systemd/cutover-watch.service');
  for (const key of ['Restart', 'RestartPreventExitStatus', 'StartLimitIntervalSec'])
    expect(unit).toContain(`\n${key}=${valuesOf(key).join()}\n`);
});

test('Podman 4.4 knows every key', () => {
  const [, section = ''] = /^\[Container\]\n([^[]*)/m.exec(quadlet) ?? [];
  const keys = new Set([...section.matchAll(/^(\w+)=/gm)].map(([, key = '']) => key));
  const known =
    'ContainerName DropCapability Environment Image NoNewPrivileges PodmanArgs PublishPort ReadOnly Volume';
  expect([...keys].toSorted()).toEqual(known.split(' '));
});

test.skipIf(generator === undefined).each([{ manager: [] }, { manager: ['--user'] }])(
  'Podman makes a service of it: $manager (skipped where its quadlet is missing)',
  ({ manager }) => {
    const folder = temporaryFolder();
    copyFileSync(join(root, 'config/systemd', name), join(folder, name));
    const env = { ...process.env, QUADLET_UNIT_DIRS: folder };
    const said = spawnSync(generator ?? '', [...manager, '--dryrun'], { encoding: 'utf8', env });
    expect(said.status, said.stderr).toBe(0);
    expect(said.stdout).toMatch(
      /^ExecStart=\S*podman run --name cutover-watch .* localhost\/cutover-watch:latest$/m,
    );
  },
);
