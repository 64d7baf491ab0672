/**
 * Every kind of fault a poll can end with. The same words are the `errorType` of events, so they are part of
 * the contract with whoever reads the log.
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
