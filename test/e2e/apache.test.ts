import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../free-port.ts';
import { configFor, groupId, migrationId } from './atlas-by-hand.ts';
import {
  apiKey,
  keyInEnvironment,
  migrationEvents,
  runToEnd,
  start,
  temporaryFolder,
  writeConfig,
} from './program.ts';

const apache = '/usr/sbin/apache2';
const modules = '/usr/lib/apache2/modules';
const realm = 'MMS Public API';

/** Apache's mod_auth_digest in front of one file: an HTTP Digest server that shares no code with this project. */
async function startApache(nonceLifetimeSeconds: number, count = 1) {
  const folder = temporaryFolder();
  const port = await freePort();
  const resources = join(folder, 'docs/api/atlas/v1.0/groups', groupId, 'liveMigrations');
  mkdirSync(resources, { recursive: true });
  const hash = createHash('md5').update(`${apiKey.publicKey}:${realm}:${apiKey.privateKey}`).digest('hex');
  writeFileSync(join(folder, 'users'), `${apiKey.publicKey}:${realm}:${hash}\n`);
  // Apache gives up its rights and must still be able to read.
  chmodSync(folder, 0o755);
  const file = join(folder, 'apache.conf');
  writeFileSync(file, configuration(folder, port, nonceLifetimeSeconds));
  const server = spawn(apache, ['-D', 'FOREGROUND', '-f', file], { stdio: 'ignore' });
  const ended = new Promise((resolve) => void server.once('close', resolve));
  onTestFinished(async () => {
    server.kill('SIGTERM');
    await ended;
  });
  const log = join(folder, 'access.log');
  await expect.poll(() => existsSync(join(folder, 'apache.pid'))).toBe(true);
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    say(body: object): void {
      for (const id of Array.from({ length: count }, (_, n) => migrationId(n)))
        writeFileSync(join(resources, id), JSON.stringify({ _id: id, ...body }));
    },
    statuses: () => readFileSync(log, 'utf8').trim().split('\n'),
  };
}

function configuration(folder: string, port: number, nonceLifetimeSeconds: number): string {
  const load = ['mpm_event', 'authn_core', 'authn_file', 'authz_core', 'authz_user', 'auth_digest'];
  return `
ServerRoot ${folder}
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
PidFile ${folder}/apache.pid
ErrorLog ${folder}/error.log
${load.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n')}
LoadModule mime_module ${modules}/mod_mime.so
TypesConfig /dev/null
StartServers 1
ThreadsPerChild 8
MaxRequestWorkers 8
LogFormat "%>s" status
CustomLog ${folder}/access.log status
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
DocumentRoot ${folder}/docs
<Directory ${folder}/docs>
  ForceType application/json
  AuthType Digest
  AuthName "${realm}"
  AuthDigestAlgorithm MD5
  AuthDigestNonceLifetime ${nonceLifetimeSeconds}
  AuthUserFile ${folder}/users
  Require valid-user
</Directory>
`;
}

const nonces = [
  ['that live for minutes', 300],
  ['that live for one second', 1],
  ['that may be used once', 0],
] as const;

test.skipIf(!existsSync(apache)).each(nonces)(
  'Apache takes our digests, with nonces %s (skipped where apache2 is not installed)',
  async (_, nonceLifetimeSeconds) => {
    const server = await startApache(nonceLifetimeSeconds);
    server.say({ status: 'NEW', readyForCutover: false });
    const file = writeConfig(temporaryFolder(), configFor(server.baseUrl));
    const program = start(['run', '-c', file, '--exit-when-settled']);
    await program.until(({ event }) => event === 'migration.first_seen');
    server.say({
      status: 'WORKING',
      readyForCutover: false,
      lagTimeSeconds: 60,
      migrationHosts: 'vm001.example.com',
    });
    await program.until(({ event }) => event === 'migration.status_changed');
    server.say({
      status: 'WORKING',
      readyForCutover: true,
      lagTimeSeconds: 2,
      migrationHosts: 'vm001.example.com',
    });
    await program.until(({ event }) => event === 'migration.ready_for_cutover');
    server.say({ status: 'COMPLETE', readyForCutover: true });

    expect((await program.ended).code).toBe(0);
    expect(migrationEvents(program.events)).toEqual([
      'migration.first_seen',
      'migration.status_changed',
      'migration.ready_for_cutover',
      'migration.status_changed',
      'migration.completed',
    ]);
    expect(program.events.filter(({ event }) => event === 'watcher.poll_failed')).toEqual([]);
    expect(server.statuses()).toContain('200');

    const wrong = {
      MONGODB_ATLAS_PUBLIC_API_KEY: apiKey.publicKey,
      MONGODB_ATLAS_PRIVATE_API_KEY: 'not the key'.replaceAll(' ', '-'),
    };
    const before = server.statuses().length;
    expect((await runToEnd(['check', '-c', file], wrong)).code).toBe(77);
    expect(server.statuses().slice(before)).toEqual(['401', '401']);
  },
);

test.skipIf(!existsSync(apache))(
  'many polls at once of Apache with one-time nonces all succeed (skipped where apache2 is not installed)',
  async () => {
    const count = 12;
    const server = await startApache(0, count);
    server.say({ status: 'WORKING', readyForCutover: true });
    const file = writeConfig(temporaryFolder(), configFor(server.baseUrl, count));
    const { code, stdout, stderr } = await runToEnd(['check', '-c', file], keyInEnvironment());
    expect(stderr).toBe('');
    expect(stdout.match(/^★ {2}m\d+ +Ready .* WORKING/gm)).toHaveLength(count);
    expect(code).toBe(0);
  },
);
