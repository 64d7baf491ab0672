/**
 * The least that polling costs in Node.js: requests whose signatures were computed beforehand, and nothing done with
 * the replies but reading them. With a gap in ms they begin so far apart, as polls of a schedule do.
 */
import { createHash } from 'node:crypto';
import { Agent, request } from 'undici';
import { benchKey } from './bench-fleet.ts';
import { answerBench } from './peer-loop.ts';

const [, , address = '', gapMs = '0'] = process.argv;
const { pathname } = new URL(address);
const dispatcher = new Agent({ connections: 16, pipelining: 1 });
let signatures: string[] = [];
let begun = 0;

await answerBench(Number(gapMs) > 0 ? pollInTime : poll, prepare);

async function prepare(count: number): Promise<void> {
  const reply = await request(address, { dispatcher });
  await reply.body.dump();
  const [, realm = '', nonce = ''] =
    /realm="(.*?)".* nonce="(.*?)"/.exec(String(reply.headers['www-authenticate'])) ?? [];
  signatures = Array.from({ length: count }, (_, index) => sign(realm, nonce, index + 1)).toReversed();
  begun = performance.now();
}

async function poll(): Promise<void> {
  const authorization = signatures.pop() ?? '';
  const reply = await request(address, { dispatcher, headers: { authorization } });
  const body = (await reply.body.json()) as { readonly status?: unknown };
  if (typeof body.status !== 'string') throw new Error(`HTTP ${reply.statusCode}`);
}

async function pollInTime(): Promise<void> {
  begun = Math.max(begun + Number(gapMs), performance.now() - Number(gapMs));
  const wait = begun - performance.now();
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  await poll();
}

/** RFC 7616 §3.4.1, with MD5 and qop=auth. */
function sign(realm: string, nonce: string, count: number): string {
  const nc = count.toString(16).padStart(8, '0');
  const cnonce = nc;
  const ha1 = md5(`${benchKey.publicKey}:${realm}:${benchKey.privateKey}`);
  const response = md5(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${md5(`GET:${pathname}`)}`);
  return `Digest username="${benchKey.publicKey}",realm="${realm}",nonce="${nonce}",uri="${pathname}",qop=auth,algorithm=MD5,nc=${nc},cnonce="${cnonce}",response="${response}"`;
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
