/** Trying again does not help against these. */
const lasting: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EAFNOSUPPORT', 'EINVAL']);

/** The server cannot listen where the configuration says. The message names the key and the remedy. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  /** Whether a later start may succeed: a port becomes free, an address or a name server comes up. */
  readonly mayPass: boolean;

  constructor(listen: string, cause: unknown) {
    const code = codeOf(cause);
    super(`http.listen is "${listen}"${clauseFor(code)}`, { cause });
    this.mayPass = !lasting.has(code);
  }
}

const remedy = 'Give another address there, such as 127.0.0.1:9465, or false for no server.';

function clauseFor(code: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return `, but that port is taken, perhaps by another cutover-watch. ${remedy}`;
    case 'EADDRNOTAVAIL':
      return `, but this machine has no such address. ${remedy}`;
    case 'EACCES':
    case 'EPERM':
      return `, but this user may not listen there: ports below 1024 need a privilege. ${remedy}`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `, but that name has no address. ${remedy}`;
    default:
      return `, where listening failed (${code}). ${remedy}`;
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
}
