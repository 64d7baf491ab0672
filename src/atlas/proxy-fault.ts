/** Something failed at the proxy or on the way to it, before any byte reached Atlas. */
export class ProxyFault extends Error {
  override readonly name = 'ProxyFault';
  /** What the proxy answered to CONNECT, if it did. */
  readonly status: number | undefined;

  constructor(told: { readonly status: number } | { readonly cause: unknown }) {
    super('no tunnel through the proxy', 'cause' in told ? { cause: told.cause } : {});
    this.status = 'status' in told ? told.status : undefined;
  }
}
