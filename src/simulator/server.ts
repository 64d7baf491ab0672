import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { parseAuthorization, parseNonceCount } from './authorization-header.ts';
import { DigestAuthenticator } from './digest-authenticator.ts';
import type { Credentials, DigestAlgorithm } from './digest-verifier.ts';
import { answerMigration } from './migration-resource.ts';
import { type NonceBookOptions, NonceStore } from './nonce-store.ts';
import { errorReply, type Reply, serverErrorReply } from './reply.ts';
import { type RecordedRequest, type RequestCounts, RequestLog } from './request-log.ts';
import type { MigrationScript } from './scripts.ts';
import { type ServiceAccount, type TokenCounts, TokenEndpoint } from './token-endpoint.ts';

export type SimulatorOptions = {
  /** The accepted API key. */
  readonly credentials: Credentials;
  /** The accepted service account. Default: none, and no OAuth endpoints. */
  readonly serviceAccount?: ServiceAccount;
  /** Keys are `groupId/liveMigrationId`. If a script throws, the reply is Atlas's plain 500. */
  readonly migrations: ReadonlyMap<string, MigrationScript>;
  /** Default MD5, as Atlas uses. */
  readonly algorithm?: DigestAlgorithm;
  /** How long a nonce may be used, in milliseconds. Default 60 000. */
  readonly nonceLifetimeMs?: number;
  /** How many requests one nonce may sign; 1 for one-time nonces. Default: any number. */
  readonly usesPerNonce?: number;
  /** Sends the next nonce with every 200, in `Authentication-Info`. Default false. */
  readonly nextNonce?: boolean;
  /** Delay of every reply, in ms. Default 0. */
  readonly replyDelayMs?: number;
  /** Default 0: any free port. */
  readonly port?: number;
  /** The clock, in milliseconds. Default `Date.now`. */
  readonly now?: () => number;
};

/** A running simulator of the Atlas live migration endpoint. */
export type Simulator = {
  /** Without a trailing slash, for example `http://127.0.0.1:41234`. */
  readonly baseUrl: string;
  readonly port: number;
  /** The latest 10,000 requests, oldest first. The list is live. */
  readonly requests: readonly RecordedRequest[];
  /** Counts of all requests so far. */
  readonly counts: RequestCounts;
  /** Counts of requests for access tokens and their revocation so far, and of tokens that are valid now. */
  readonly tokenCounts: TokenCounts;
  /** Ends every access token at once. */
  revokeTokens(): void;
  /** Replaces or adds the script of a migration, from the next request on. */
  setScript(key: string, script: MigrationScript): void;
  /** Stops listening and destroys open connections. May be called more than once. */
  close(): Promise<void>;
};

type Asked = {
  readonly method: string;
  readonly target: string;
  readonly accept: string | undefined;
  /** The raw `Authorization` header, and its digest fields. */
  readonly login: string | undefined;
  readonly authorization: ReturnType<typeof parseAuthorization>;
  readonly form: string;
};

const HOST = '127.0.0.1';

/**
 * Starts the simulator on the loopback interface. Resolves when it accepts connections. Rejects if the port is not
 * available.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { credentials, algorithm = 'MD5', nextNonce = false, replyDelayMs = 0, now = Date.now } = options;
  const guard = new DigestAuthenticator(credentials, algorithm, new NonceStore(nonceOptions(options)));
  const migrations = new Map(options.migrations);
  const desk = options.serviceAccount === undefined ? undefined : new TokenEndpoint(options.serviceAccount);
  const log = new RequestLog();

  const respond = (request: IncomingMessage, response: ServerResponse, form: string): void => {
    const at = now();
    const asked = readRequest(request, form);
    const reply = desk?.answer(asked, at) ?? answer(asked, { guard, desk, migrations, nextNonce }, at);
    log.record(recordOf(asked, reply.status, request.headers['user-agent'] ?? '', at));
    if (replyDelayMs > 0) {
      setTimeout(send, replyDelayMs, response, reply).unref();
    } else {
      send(response, reply);
    }
  };
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      text(request).then(
        (form) => respond(request, response, form),
        () => response.destroy(),
      );
      return;
    }
    request.resume();
    respond(request, response, '');
  });
  const port = await listen(server, options.port ?? 0);
  let closed: Promise<void> | undefined;

  return {
    baseUrl: `http://${HOST}:${port}`,
    port,
    requests: log.requests,
    get counts() {
      return log.counts;
    },
    get tokenCounts() {
      return desk?.counts(now()) ?? { token: 0, revoke: 0, live: 0 };
    },
    revokeTokens() {
      desk?.revokeAll();
    },
    setScript(key, script) {
      migrations.set(key, script);
    },
    close() {
      closed ??= stop(server);
      return closed;
    },
  };
}

function nonceOptions({ nonceLifetimeMs, usesPerNonce }: SimulatorOptions): NonceBookOptions {
  return {
    ...(nonceLifetimeMs === undefined ? {} : { lifetimeMs: nonceLifetimeMs }),
    ...(usesPerNonce === undefined ? {} : { usesPerNonce }),
  };
}

function readRequest({ method = '', url = '', headers }: IncomingMessage, form: string): Asked {
  return {
    method,
    target: url,
    accept: headers.accept,
    login: headers.authorization,
    authorization: parseAuthorization(headers.authorization),
    form,
  };
}

function answer(
  asked: Asked,
  context: {
    readonly guard: DigestAuthenticator;
    readonly desk: TokenEndpoint | undefined;
    readonly migrations: ReadonlyMap<string, MigrationScript>;
    readonly nextNonce: boolean;
  },
  now: number,
): Reply {
  const { guard, desk, migrations, nextNonce } = context;
  const byToken = desk?.knows(asked.login, now) === true;
  const admission = byToken ? ({ kind: 'admitted' } as const) : guard.admit(asked, now);
  if (admission.kind === 'refused') {
    const fault = { errorCode: 'UNEXPECTED_ERROR', detail: 'You are not authorized for this resource.' };
    return errorReply(401, fault, { 'Www-Authenticate': guard.challenge(admission.stale, now) });
  }
  try {
    const reply = answerMigration(asked, migrations, now);
    return nextNonce && !byToken
      ? { ...reply, headers: { ...reply.headers, 'Authentication-Info': guard.authenticationInfo(now) } }
      : reply;
  } catch {
    return serverErrorReply();
  }
}

function recordOf(asked: Asked, status: number, userAgent: string, at: number): RecordedRequest {
  const nonceCount = asked.authorization && parseNonceCount(asked.authorization.nc);
  const record = { method: asked.method, path: asked.target, status, at, userAgent };
  return nonceCount === undefined ? record : { ...record, nonceCount };
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
