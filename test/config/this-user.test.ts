import { expect, test } from 'vitest';
import { thisUser } from '../../src/config/this-user.ts';

test('who may not read a file is named by number, where the system has numbers', () => {
  expect(thisUser(65_532)).toBe('this user (65532)');
  const { geteuid } = process;
  // As on Windows.
  delete process.geteuid;
  try {
    expect(thisUser()).toBe('this user');
  } finally {
    if (geteuid !== undefined) process.geteuid = geteuid;
  }
});
