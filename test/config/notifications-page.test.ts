import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { webhookMessage } from '../../src/sinks/http/webhook.ts';
import { incidentChanges } from '../../src/sinks/incidents.ts';
import { eventNames, sampleEvent } from '../events/sample-events.ts';
import { whsec } from '../sinks/receivers.ts';

const page = readFileSync(new URL('../../config/notifications.md', import.meta.url), 'utf8');
const other = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]+?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text,
  );
}

function isMissing(command: string): boolean {
  return spawnSync(command, ['--version']).error !== undefined;
}

/** A folder with the snippet and the key, until the end of the test. */
function folderWith(files: Readonly<Record<string, string>>): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-watch-verify-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return (name) => join(folder, name);
}

const now = Date.now();
const record = { ...sampleEvent('migration.ready_for_cutover'), migration: 'Größe 😀' };
const { body, headers } = webhookMessage(record, { now }, [other, whsec]);
const old = webhookMessage(record, { now: now - 600_000 }, [whsec]);

interface Delivery {
  readonly rule: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly valid: boolean;
}

/** Deliveries, and whether they are to be taken. */
const deliveries: readonly Delivery[] = [
  { rule: 'one that is signed', key: whsec, headers, body, valid: true },
  { rule: 'one that another key signed', key: whsec.replace('MfKQ', 'AAAA'), headers, body, valid: false },
  { rule: 'one that was changed', key: whsec, headers, body: `${body} `, valid: false },
  { rule: 'one with another id', key: whsec, headers: { ...headers, 'webhook-id': 'x' }, body, valid: false },
  { rule: 'one that is sent again later', key: whsec, ...old, valid: false },
];

describe.each(deliveries)('of the deliveries, $rule', ({ key, headers: given, body: sent, valid }) => {
  const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(
    (name) => given[name] ?? '',
  );
  const verdict = valid ? 'taken' : 'refused';

  test.skipIf(isMissing('bash') || isMissing('openssl'))(
    `is ${verdict} by the snippet for the shell (skipped where bash or openssl is missing)`,
    () => {
      const at = folderWith({ verify: blocks('bash')[0] ?? '', key });
      const { status } = spawnSync('bash', [at('verify'), at('key')], {
        input: sent,
        env: {
          ...process.env,
          WEBHOOK_ID: id,
          WEBHOOK_TIMESTAMP: timestamp,
          WEBHOOK_SIGNATURE: signature,
        },
      });
      expect(status === 0).toBe(valid);
    },
  );

  test.skipIf(isMissing('python3'))(
    `is ${verdict} by the snippet in Python (skipped where python3 is missing)`,
    () => {
      const at = folderWith({
        'verify.py': `${blocks('python')[0]}
import json, sys
delivery = json.load(sys.stdin)
print(verify(delivery["key"], delivery["headers"], delivery["body"].encode()))
`,
      });
      const input = JSON.stringify({ key, headers: given, body: sent });
      expect(execFileSync('python3', [at('verify.py')], { input, encoding: 'utf8' }).trim()).toBe(
        valid ? 'True' : 'False',
      );
    },
  );

  test(`is ${verdict} by the snippet for Node.js`, async () => {
    const at = folderWith({ 'verify.mjs': blocks('js')[0] ?? '' });
    const { verify }: { verify: (...given: unknown[]) => boolean } = await import(at('verify.mjs'));
    expect(verify(key, given, Buffer.from(sent))).toBe(valid);
  });
});

test('each type has a configuration, which is as small as can be', () => {
  const types = blocks('yaml').flatMap((text) => {
    const { notify = [] } = parse(text) as { notify?: { type: string }[] };
    return notify.map(({ type }) => type);
  });
  expect(types).toEqual(['webhook', 'slack', 'teams', 'pagerduty', 'email']);
});

test.each(
  eventNames.filter((name) => incidentChanges(sampleEvent(name)).some(({ action }) => action === 'trigger')),
)('the table of incidents names %s, which opens one', (name) => {
  expect(page).toContain(`\`${name.replace('migration.', '')}\``);
});
