import { expect, test } from 'vitest';
import { ListenError } from '../../src/server/listen-error.ts';

test.each([
  ['EADDRINUSE', true],
  ['EADDRNOTAVAIL', true],
  ['ENOTFOUND', true],
  ['EAI_AGAIN', true],
  ['EMFILE', true],
  ['EACCES', false],
  ['EPERM', false],
  ['EAFNOSUPPORT', false],
])('whether waiting may help against %s: %s', (code, mayPass) => {
  const error = new ListenError('127.0.0.1:80', Object.assign(new Error('no'), { code }));
  expect(error.mayPass).toBe(mayPass);
  expect(error.message).toMatch(/^http\.listen is "127\.0\.0\.1:80", .* Give another address there/);
});
