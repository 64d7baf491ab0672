import { createHash } from 'node:crypto';
import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';

export const KEY = { publicKey: 'abcdefgh', privateKey: '4c0e0b6a-private' };

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
};

type Question = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** One request on a connection of its own. */
export function ask(baseUrl: string, target: string, { method = 'GET', headers = {} }: Question = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const sent = request(`${baseUrl}${target}`, { method, headers, agent: false }, (response) => {
      const { statusCode: status = 0, headers: received, rawHeaders } = response;
      text(response).then((body) => resolve({ status, headers: received, rawHeaders, body }), reject);
    });
    sent.once('error', reject).end();
  });
}

/** The nonce a 401 was sent with. */
export function nonceOf({ headers }: Answer): string {
  const nonce = /nonce="([^"]+)"/.exec(headers['www-authenticate'] ?? '')?.[1];
  if (nonce === undefined) {
    throw new Error('The answer holds no challenge.');
  }
  return nonce;
}

/** Returns an Authorization header, signed as Atlas expects it by default. */
export function sign(
  target: string,
  nonce: string,
  nonceCount: number,
  { method = 'GET', privateKey = KEY.privateKey } = {},
): string {
  const nc = nonceCount.toString(16).padStart(8, '0');
  const ha1 = md5(`${KEY.publicKey}:MMS Public API:${privateKey}`);
  const response = md5(`${ha1}:${nonce}:${nc}:0a4f113b:auth:${md5(`${method}:${target}`)}`);
  return (
    `Digest username="${KEY.publicKey}", realm="MMS Public API", nonce="${nonce}", uri="${target}", ` +
    `cnonce="0a4f113b", nc=${nc}, qop=auth, response="${response}", algorithm=MD5`
  );
}

/** Fetches a nonce and asks with it, as a client does on its first request. */
export async function askSigned(baseUrl: string, target: string, question: Question = {}): Promise<Answer> {
  const nonce = nonceOf(await ask(baseUrl, target));
  const authorization = sign(target, nonce, 1, { method: question.method ?? 'GET' });
  return ask(baseUrl, target, { ...question, headers: { ...question.headers, authorization } });
}

function md5(plain: string): string {
  return createHash('md5').update(plain).digest('hex');
}
