import { describe, expect, test } from 'vitest';
import type { PollResult } from '../../../src/atlas/client.ts';
import { changeSentences } from '../../../src/cli/wait/sentences.ts';
import { sampleEvent } from '../../events/sample-events.ts';
import { minute, start } from '../../watch/sample-migrations.ts';
import { pollOnce, reads } from '../polled.ts';
import { complete, down, gone, ready, snapshotAfter, working } from './polled.ts';

function sentencesOf(before: readonly PollResult[], next: PollResult): string[] {
  const now = start + before.length * minute;
  return changeSentences(pollOnce(snapshotAfter(0, ...before), next, now).events);
}

describe('of the events of one poll, it reports', () => {
  test.each<[string, readonly PollResult[], PollResult, readonly string[]]>([
    ['the first observation', [], working(90), ['m0 is watched: WORKING, 1 min 30 s behind.']],
    ['another status', [reads({ status: 'NEW' })], working(90), ['m0 went from NEW to WORKING.']],
    ['only readiness, where the status changes with it', [reads({ status: 'NEW' })], ready, ['ready']],
    ['that readiness is withdrawn', [ready], working(90), ['m0 is no longer ready for cutover']],
    ['an unknown status', [working(90)], reads({ status: 'PENDING' }), ['PENDING']],
    ['completion', [ready], complete, ['complete']],
    ['failure', [working(90)], reads({ status: 'FAILED' }), ['failed']],
    ['expiry', [ready], reads({ status: 'EXPIRED' }), ['expired']],
    ['that it is no longer there', [working(90), ...gone.slice(1)], gone[0], ['no longer in Atlas']],
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
