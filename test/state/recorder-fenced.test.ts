import { describe, expect, it } from 'vitest';
import { FencedError } from '../../src/state/store.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { start } from './sample-change.ts';
import { textOf, troubledRecorder } from './troubled-recorder.ts';

const fencedOff = new FencedError('Another watcher has taken over.');
const retryMs = 1_000;

describe('a recorder whose store another watcher has taken over', () => {
  it('writes nothing that was not committed, and says so once', async () => {
    const set = await troubledRecorder();
    set.record('NEW', 'a');
    await set.settle();
    set.fail('commit', fencedOff);
    set.record('WORKING', 'b');
    set.recorder.emit(sampleEvent('watcher.heartbeat'));
    await set.settle();
    set.record('COMPLETE', 'c');
    await set.settle(retryMs);
    expect(textOf(set.lines)).toEqual(['a']);
    expect([set.fenced.count, set.faults]).toEqual([1, []]);
    expect(set.delays).toEqual([]);
  });

  it('commits nothing any more, also when the store would take it', async () => {
    const set = await troubledRecorder();
    set.recorder.fence();
    set.record('NEW', 'a');
    expect(await set.recorder.flush()).toBe(false);
    await set.recorder.close();
    await set.killAndRestart();
    expect(set.recorder.state(set.key)).toBeUndefined();
  });

  it('learns it of the maintenance, too', async () => {
    const set = await troubledRecorder();
    set.fail('maintain', fencedOff);
    await set.recorder.maintain(start);
    expect(set.fenced.count).toBe(1);
  });
});
