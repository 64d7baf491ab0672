import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sampleEvent } from '../events/sample-events.ts';
import { idsOf, orders, start, stateWith } from './sample-change.ts';
import { readHistory, readMigrations } from './stored-rows.ts';
import { textOf, troubledRecorder } from './troubled-recorder.ts';

const retryMs = 1_000;

describe('while the store fails', () => {
  it('events are written from memory, once; they are in the file when it works again', async () => {
    const set = await troubledRecorder();
    set.record('NEW', 'a');
    await set.settle();
    set.fail('commit');
    set.record('WORKING', 'b');
    await set.settle();
    set.record('COMPLETE', 'c');
    expect(textOf(set.lines)).toEqual(['a', 'watcher.state_unavailable', 'b', 'c']);
    expect(set.lines[1]).toMatchObject({
      level: 'error',
      reason: 'disk_full',
      path: set.path,
      remedy: 'Free some space on its disk.',
    });
    expect(idsOf(readHistory(set.path))).toEqual(['a']);
    set.heal();
    set.clock.now += 89_000;
    await set.settle(retryMs);
    expect(idsOf(readHistory(set.path))).toEqual(['a', 'b', 'c']);
    expect(textOf(set.lines).slice(4)).toEqual(['watcher.state_recovered']);
    expect(set.lines.at(-1)).toMatchObject({ level: 'info', downSeconds: 90 });
    expect(set.lines.at(-1)).not.toHaveProperty('droppedEvents');
    expect(set.lines.at(-1)).not.toHaveProperty('fileReplaced');
    await set.settle(retryMs);
    await set.killAndRestart();
    expect(set.lines).toHaveLength(5);
  });

  it('it is tried once a second, also while nothing is recorded', async () => {
    const set = await troubledRecorder();
    set.fail('commit');
    await set.recorder.maintain(start);
    for (let n = 0; n < 3; n += 1) {
      set.record(`S${n}`, `e${n}`);
      set.recorder.emit(sampleEvent('watcher.heartbeat'));
      await set.settle();
      expect(set.delays).toEqual([retryMs]);
      await set.settle(retryMs);
    }
    set.heal();
    await set.settle(retryMs);
    expect(textOf(set.lines).at(-1)).toBe('watcher.state_recovered');
    expect(textOf(set.lines).filter((line) => line === 'watcher.state_unavailable')).toHaveLength(1);
  });

  it('that may be because its folder cannot be looked into any more', async () => {
    const set = await troubledRecorder();
    set.record('NEW', 'a');
    await set.settle();
    const folder = dirname(set.path);
    renameSync(folder, `${folder}.away`);
    // Root may enter every folder, but not a link to itself.
    symlinkSync(folder, folder);
    await set.recorder.maintain(start);
    await set.settle();
    expect(textOf(set.lines)).toEqual(['a', 'watcher.state_unavailable']);
    rmSync(folder);
    renameSync(`${folder}.away`, folder);
    await set.settle(retryMs);
    expect(textOf(set.lines).at(-1)).toBe('watcher.state_recovered');
    expect(set.faults).toEqual([]);
  });

  it('an event that is recorded while the commit that succeeds is under way is stored as well', async () => {
    const set = await troubledRecorder();
    set.fail('commit');
    set.record('NEW', 'a');
    await set.settle();
    set.heal();
    const flushed = set.recorder.flush();
    await Promise.resolve();
    set.record('WORKING', 'b');
    expect(await flushed).toBe(true);
    await set.settle();
    expect(idsOf(readHistory(set.path))).toEqual(['a', 'b']);
    expect(idsOf(set.lines)).toEqual(['a', 'b']);
  });

  it('each failure after a success is an episode of its own', async () => {
    const set = await troubledRecorder();
    for (const status of ['A', 'B', 'C']) {
      set.fail('commit');
      set.record(status, status);
      await set.settle();
      set.heal();
      await set.settle(retryMs);
    }
    expect(textOf(set.lines)).toEqual(
      ['A', 'B', 'C'].flatMap((id) => ['watcher.state_unavailable', id, 'watcher.state_recovered']),
    );
  });

  it('memory holds so many events and samples, and the recovery says what was dropped', async () => {
    const limits = { events: 5, samples: 3 };
    const set = await troubledRecorder({ recorder: limits });
    set.fail('commit');
    for (let n = 0; n < 8; n += 1) {
      set.record(`S${n}`, `e${n}`);
      const sample = { observedAt: start + n, lagTimeSeconds: n };
      set.recorder.record({ migration: { ...orders, state: stateWith(`S${n}`), sample }, events: [] });
      await set.settle();
    }
    set.heal();
    await set.settle(retryMs);
    expect(set.lines.at(-1)).toMatchObject({ droppedEvents: 3, droppedSamples: 5 });
    expect(idsOf(readHistory(set.path))).toEqual(['e3', 'e4', 'e5', 'e6', 'e7']);
    expect(idsOf(set.lines)).toEqual(Array.from({ length: 8 }, (_, n) => `e${n}`));
    expect(readMigrations(set.path)[0]).toMatchObject({
      state: stateWith('S7'),
      samples: [5, 6, 7].map((n) => ({ observedAt: start + n, lagTimeSeconds: n })),
    });
  });

  it('a stuck reader gets everything in order when it reads again, before or after the store works', async () => {
    for (const healFirst of [true, false]) {
      const set = await troubledRecorder();
      set.output.stuck = true;
      set.record('NEW', 'a');
      await set.settle();
      set.fail('commit');
      set.record('WORKING', 'b');
      await set.settle();
      if (healFirst) set.heal();
      await set.settle(retryMs);
      set.output.stuck = false;
      set.recorder.deliver();
      set.heal();
      await set.settle(retryMs);
      await set.settle(retryMs);
      expect(idsOf(set.lines)).toEqual(['a', 'b']);
      expect(set.recorder.delivered).toBe(true);
      await set.killAndRestart();
      expect(idsOf(set.lines)).toEqual(['a', 'b']);
    }
  });

  it('maintenance that fails begins an episode, and a commit ends it', async () => {
    const set = await troubledRecorder();
    set.fail('maintain');
    await set.recorder.maintain(start);
    expect(textOf(set.lines)).toEqual(['watcher.state_unavailable']);
    set.heal();
    await set.settle(retryMs);
    expect(textOf(set.lines)).toEqual(['watcher.state_unavailable', 'watcher.state_recovered']);
  });

  it('a program that ends leaves nothing unsaid', async () => {
    const set = await troubledRecorder();
    set.fail('commit');
    set.record('NEW', 'a');
    await set.recorder.close();
    expect(textOf(set.lines)).toEqual(['watcher.state_unavailable', 'a']);
    expect(set.recorder.delivered).toBe(true);
  });

  it('a program that has written its last line says nothing more', async () => {
    const set = await troubledRecorder();
    set.recorder.emit(sampleEvent('watcher.stopped'));
    set.fail('commit');
    await set.recorder.close();
    expect(textOf(set.lines)).toEqual(['watcher.stopped']);
  });
});

it('a mistake of the program is not taken for a fault of the store, and the event is written', async () => {
  const set = await troubledRecorder();
  const mistake = new TypeError('x is not a function');
  set.fail('commit', mistake);
  set.record('NEW', 'a');
  await set.settle();
  expect(set.faults).toEqual([mistake]);
  expect(textOf(set.lines)).toEqual(['a']);
});
