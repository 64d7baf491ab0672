/**
 * Every kind of fault that a poll can end with. The kind is the `errorType` of events, so it is part of the contract
 * with readers of the log.
 */
export const errorKinds = [
  'network',
  'timeout',
  'tls',
  'unauthorized',
  'forbidden',
  'not_found',
  'rate_limited',
  'server_error',
  'bad_reply',
  'api_version',
  'billing',
  'internal',
] as const;

export type ErrorKind = (typeof errorKinds)[number];
