import { expect, test } from 'vitest';
import { acceptHeader, migrationPath } from '../../src/atlas/migration-resource.ts';

const ID = { groupId: '5f7f5f5f5f5f5f5f5f5f5f5f', liveMigrationId: '7e68e12770616e75e6df43d0' };

test.each([
  [
    'v1.0',
    '/api/atlas/v1.0/groups/5f7f5f5f5f5f5f5f5f5f5f5f/liveMigrations/7e68e12770616e75e6df43d0',
    'application/json',
  ],
  [
    'v2',
    '/api/atlas/v2/groups/5f7f5f5f5f5f5f5f5f5f5f5f/liveMigrations/7e68e12770616e75e6df43d0',
    'application/vnd.atlas.2023-01-01+json',
  ],
] as const)('API version %s is asked at its own path for its own media type', (version, path, accept) => {
  expect(migrationPath(version, ID)).toBe(path);
  expect(acceptHeader(version)).toBe(accept);
});
