import { expect, test } from 'vitest';
import { demoConfig } from '../../../src/cli/demo/demo-config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { demoFleet } from '../../../src/simulator/fleet.ts';

/** From 0.1 to 2, as the command takes them, and two that no decimal fraction is equal to. */
const speeds = [...Array.from({ length: 191 }, (_, index) => (index + 10) / 100), 1 / 3, Math.SQRT2];

test('the configuration of the demo is valid at every speed that can be asked for', async () => {
  const refused: string[] = [];
  for (const speed of speeds) {
    const fleet = demoFleet(speed);
    const text = JSON.stringify(demoConfig(fleet, 'http://127.0.0.1:8080'));
    const result = await loadConfig({ file: 'demo', env: {}, readFile: () => Promise.resolve(text) });
    if (!result.ok) refused.push(`${speed}: ${result.problems.join(' ')}`);
    else expect(result.config.cutover.window).toBe(fleet.readyToExpiredMs);
  }
  expect(refused).toEqual([]);
});
