import { expect, test } from 'vitest';
import { runKillTrial } from './notify-kills.ts';
import { temporaryFolder } from './program.ts';

test('killed like its receivers while migrations change, it sends each event at least once, in order and signed', async () => {
  const { problems, events, killedWhileWatching, receivers } = await runKillTrial({
    folder: temporaryFolder(),
    migrations: 4,
    kills: 8,
    receiverKills: 2,
    restMs: 60_000,
  });
  expect(problems).toEqual([]);
  expect(events).toBeGreaterThan(8);
  expect(killedWhileWatching).toBeGreaterThan(2);
  expect(receivers.map(({ messages }) => messages >= events - 5)).toEqual([true, true, true]);
});
