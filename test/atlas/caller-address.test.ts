import { expect, test } from 'vitest';
import { findCallerAddress } from '../../src/atlas/caller-address.ts';
import { classifyReply } from '../../src/atlas/classify-reply.ts';

test.each<[readonly unknown[], string, string | undefined]>([
  [['203.0.113.7'], '', '203.0.113.7'],
  [[null, 42, '203.0.113.7/32'], 'x', '203.0.113.7'],
  [[], 'IP address 203.0.113.7 is not allowed to access this resource.', '203.0.113.7'],
  [[], 'Not on the access list: 203.0.113.7.', '203.0.113.7'],
  [['2001:db8::7'], '', '2001:db8::7'],
  [[], 'The address [2001:DB8::7] is unknown.', '2001:DB8::7'],
  [['5f7f5f5f5f5f5f5f5f5f5f5f'], 'at 12:30:15, version 1.0, 999.1.1.1, note: x', undefined],
  [[], '', undefined],
])('of %j and %j the caller is %s', (parameters, detail, address) => {
  expect(findCallerAddress(parameters, detail)).toBe(address);
});

function remedyOf(body: object, credential?: 'serviceAccount'): string {
  const reply = { status: 403, headers: {}, body: JSON.stringify(body) };
  return classifyReply(reply, 0, credential).remedy;
}

test('a 403 for the address says which address to add where', () => {
  const body = { errorCode: 'IP_ADDRESS_NOT_ON_ACCESS_LIST', parameters: ['203.0.113.7'] };
  expect(remedyOf(body)).toBe(
    'Add 203.0.113.7 to the API access list of the key (Organization Access, API Keys, the key, Edit).',
  );
  expect(remedyOf(body, 'serviceAccount')).toBe(
    'Add 203.0.113.7 to the API access list of the service account (Organization Access, Applications, the service account).',
  );
  expect(remedyOf({ errorCode: 'IP_ADDRESS_NOT_ON_WHITELIST' })).toMatch(/^Add this machine's address to /);
  expect(remedyOf({ errorCode: 'ACCESS_FORBIDDEN', parameters: ['203.0.113.7'] })).toMatch(/^Give the key/);
});
