import { describe, expect, it } from 'vitest';
import { findConfigFile } from '../../src/config/config-file.ts';

describe('findConfigFile', () => {
  it('prefers the option to the environment and the environment to the default', () => {
    expect(findConfigFile('a.yaml', { CUTOVER_WATCH_CONFIG: 'b.yaml' })).toBe('a.yaml');
    expect(findConfigFile(undefined, { CUTOVER_WATCH_CONFIG: 'b.yaml' })).toBe('b.yaml');
    expect(findConfigFile(undefined, { CUTOVER_WATCH_CONFIG: '' })).toBe('config/cutover-watch.yaml');
  });
});
