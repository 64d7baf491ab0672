import { describe, expect, test } from 'vitest';
import type { PollResult } from '../../../src/atlas/client.ts';
import { changeSentences, endSentence } from '../../../src/cli/wait/sentences.ts';
import type { Goal, Waited } from '../../../src/cli/wait/waited.ts';
import { sampleEvent } from '../../events/sample-events.ts';
import { hour, minute, start } from '../../watch/sample-migrations.ts';
import { pollOnce, reads } from '../polled.ts';
import { complete, down, gone, polled, ready, refused, snapshotAfter, working } from './polled.ts';

const falling = [1_200, 1_080, 960, 840, 720].map(working);
const fallingInSteps = [1_200, 1_100, 900, 850, 720].map(working);
const key =
  'Check the public and private key, and that the key belongs to the organization of this project with the role Organization Member.';
const network =
  'Check that this machine can resolve and reach the host in atlas.baseUrl on its port. If only a proxy can reach it, set HTTPS_PROXY.';

describe('the end of a wait', () => {
  test.each<[string, Goal, Waited, number, string]>([
    ['nothing read yet', 'ready', polled(0), 0, 'm0 has not been read yet.'],
    ['never read', 'ready', polled(0, refused), 0, `m0 could not be read: HTTP 401. ${key}`],
    [
      'ready, seen to become so',
      'ready',
      polled(0, working(90), ready),
      1,
      'm0 is ready for cutover, seen 2026-11-23 23:01 UTC; cut over before about 2026-11-28 23:01 UTC.',
    ],
    [
      'ready from the first',
      'ready',
      polled(0, ready),
      0,
      'm0 is ready for cutover, seen 2026-11-23 23:00 UTC; cut over before about 2026-11-28 23:00 UTC, or earlier, as it may have been ready for a while.',
    ],
    [
      'ready but not complete',
      'complete',
      polled(0, working(90), ready),
      1,
      'm0 is ready for cutover but not complete, seen 2026-11-23 23:01 UTC; cut over before about 2026-11-28 23:01 UTC.',
    ],
    [
      'no status',
      'ready',
      polled(0, reads({})),
      0,
      'm0 is not ready for cutover: no status yet, seen 2026-11-23 23:00 UTC.',
    ],
    [
      'copied, with no trend yet',
      'ready',
      polled(0, working(90)),
      0,
      'm0 is not ready for cutover: WORKING, 1 min 30 s behind, seen 2026-11-23 23:00 UTC.',
    ],
    [
      'catching up at an even pace',
      'ready',
      polled(0, ...falling),
      4,
      'm0 is not ready for cutover: WORKING, 12 min behind, ready in about 7 min, seen 2026-11-23 23:04 UTC.',
    ],
    [
      'catching up, and all but there',
      'ready',
      polled(0, ...[65, 55, 45, 35].map(working)),
      5,
      'm0 is not ready for cutover: WORKING, 35 s behind, ready in at most 4 min, seen 2026-11-23 23:03 UTC.',
    ],
    [
      'out of reach while copied',
      'ready',
      polled(0, working(90), down),
      1,
      `m0 is not ready for cutover: WORKING, 1 min 30 s behind, seen 2026-11-23 23:00 UTC. Since then it could not be read: Gone. ${network}`,
    ],
    [
      'out of reach while ready',
      'ready',
      polled(0, ready, down),
      1,
      `m0 was ready for cutover, seen 2026-11-23 23:00 UTC. Since then it could not be read: Gone. ${network}`,
    ],
    ['complete', 'ready', polled(0, complete), 0, 'm0 is complete, seen 2026-11-23 23:00 UTC.'],
    [
      'failed',
      'ready',
      polled(0, reads({ status: 'FAILED' })),
      0,
      'm0 failed, seen 2026-11-23 23:00 UTC. Atlas gives no reason here. See the migration in the Atlas console.',
    ],
    [
      'expired',
      'complete',
      polled(0, reads({ status: 'EXPIRED' })),
      0,
      'm0 expired, seen 2026-11-23 23:00 UTC: nobody cut over in time. Start the migration again.',
    ],
    [
      'gone',
      'ready',
      polled(0, working(90), gone, gone),
      2,
      'm0 is gone, last seen 2026-11-23 23:00 UTC: Atlas answered 404 twice in a row. It may have been canceled in the console.',
    ],
  ])('%s', (_, goal, waited, minutes, sentence) => {
    expect(endSentence(goal, waited, start + minutes * minute, 120 * hour)).toBe(sentence);
  });

  test('an uneven pace makes a range', () => {
    const sentence = endSentence('ready', polled(0, ...fallingInSteps), start + 4 * minute, 120 * hour);
    expect(sentence).toMatch(/ready in \d+ to \d+ min, seen/);
  });
});

function sentencesOf(before: readonly PollResult[], next: PollResult): string[] {
  const now = start + before.length * minute;
  return changeSentences(pollOnce(snapshotAfter(0, ...before), next, now).events);
}

describe('of the events of one poll, it reports', () => {
  test.each<[string, readonly PollResult[], PollResult, readonly string[]]>([
    [
      'the first observation',
      [],
      working(90),
      ['m0 is now watched: WORKING, 1 min 30 s behind, not ready for cutover.'],
    ],
    ['another status', [reads({ status: 'NEW' })], working(90), ['m0 went from NEW to WORKING.']],
    ['only readiness, where the status changes with it', [reads({ status: 'NEW' })], ready, ['ready']],
    ['that readiness is withdrawn', [ready], working(90), ['m0 is no longer ready for cutover']],
    ['an unknown status', [working(90)], reads({ status: 'PENDING' }), ['PENDING']],
    ['completion', [ready], complete, ['complete']],
    ['failure', [working(90)], reads({ status: 'FAILED' }), ['failed']],
    ['expiry', [ready], reads({ status: 'EXPIRED' }), ['expired']],
    ['that it is gone', [working(90), gone], gone, ['gone']],
    ['nothing where nothing changed', [working(90)], working(80), []],
    ['nothing of a passing fault', [working(90)], down, []],
    [
      'nothing of the hosts',
      [reads({ status: 'NEW', migrationHosts: ['a'] })],
      reads({ migrationHosts: ['b'] }),
      [],
    ],
  ])('%s', (_, before, next, sentences) => {
    expect(sentencesOf(before, next)).toEqual(sentences.map((part) => expect.stringContaining(part)));
  });

  test.each(['migration', 'project', 'account'] as const)(
    'an outage of the %s, and its end before what changed meanwhile',
    (scope) => {
      const unreachable = sampleEvent('watcher.unreachable', { scope });
      const recovered = sampleEvent('watcher.recovered', { scope });
      const seen = sampleEvent('migration.ready_for_cutover');
      expect(changeSentences([unreachable])).toEqual([unreachable.msg]);
      expect(changeSentences([seen, recovered])).toEqual([recovered.msg, seen.msg]);
    },
  );
});
