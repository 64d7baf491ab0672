import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startConnectProxy } from '../atlas/connect-proxy.ts';
import { createAuthority } from '../atlas/private-authority.ts';
import { selfSigned } from '../atlas/self-signed.ts';
import { startAtlas } from '../e2e/atlas-by-hand.ts';
import { temporaryFolder } from '../e2e/program.ts';
import {
  closeAtOnce,
  type Front,
  leadThroughTls,
  leadTo,
  reset,
  saySilence,
  startFront,
  type Treat,
} from './front.ts';
import { type Row, type ScenarioRow, type Sees, turnsReady } from './row.ts';
import { faultConfig, outage, playInRuns, playOutage } from './watched.ts';

type Trouble = { readonly begin: (front: Front) => void; readonly end?: (front: Front) => Promise<void> };

const openssl = { name: 'openssl', here: isOpensslHere() };
const authority = openssl.here ? createAuthority() : undefined;
const certificateOf = (names: string, days?: number) => {
  if (authority === undefined) throw new Error('openssl is missing');
  return authority.issue(names, days);
};
const reach = /resolve and reach the host in atlas\.baseUrl/;

function row(
  fault: string,
  covers: string,
  injected: string,
  sees: Omit<Sees, 'exit'>,
  play: ScenarioRow['play'],
): ScenarioRow {
  return {
    fault,
    covers: [covers],
    injected,
    sees: outage(sees),
    keeps: turnsReady,
    recovers: 'watcher.recovered',
    play,
  };
}

/** Plays a fault of plain TCP, between the program and its Atlas. */
function overTcp({ begin, end }: Trouble): ScenarioRow['play'] {
  return async (played) => {
    const atlas = await startAtlas();
    const through = leadTo(atlas.simulator.port);
    const front = await startFront(through);
    const baseUrl = `http://127.0.0.1:${front.port}`;
    const config = faultConfig(baseUrl);
    await playOutage(
      played,
      { atlas, baseUrl, config: { atlas: { ...config.atlas, requestTimeout: '2s' } } },
      { begin: () => begin(front), end: () => (end === undefined ? front.treat(through) : end(front)) },
    );
  };
}

const treated = (treat: Treat): Trouble => ({ begin: (front) => front.treat(treat) });

/** Plays a certificate that is put in place while the program runs, and replaced again. */
function overTls(bad: () => ReturnType<typeof certificateOf>): ScenarioRow['play'] {
  return async (played) => {
    const atlas = await startAtlas();
    const { port } = atlas.simulator;
    const through = leadThroughTls(certificateOf('IP:127.0.0.1'), port);
    const front = await startFront(through);
    await playOutage(
      played,
      { atlas, baseUrl: `https://127.0.0.1:${front.port}`, env: { NODE_EXTRA_CA_CERTS: caFile() } },
      {
        begin: () => front.treat(leadThroughTls(bad(), port)),
        end: () => front.treat(through),
      },
    );
  };
}

/** Plays a proxy that lets the program through, then answers CONNECT with this status, then lets it through again. */
function overProxy(status: number): ScenarioRow['play'] {
  return async (played) => {
    const atlas = await startAtlas();
    const through = leadThroughTls(certificateOf('DNS:atlas.invalid'), atlas.simulator.port);
    const front = await startFront(through);
    let refusing = false;
    const proxy = await startConnectProxy(() => (refusing ? { status } : { to: front.port }));
    await playOutage(
      played,
      {
        atlas,
        baseUrl: `https://atlas.invalid:${front.port}`,
        env: { NODE_EXTRA_CA_CERTS: caFile(), HTTPS_PROXY: proxy.url },
      },
      {
        begin: () => {
          refusing = true;
          front.treat(through);
        },
        end: () => {
          refusing = false;
        },
      },
    );
  };
}

/** A name that does not exist cannot begin to, so the configuration is corrected between two runs. */
async function playUnknownHost(played: Row): Promise<void> {
  await playInRuns(played, await startAtlas(), 'https://nonexistent.invalid');
}

const tcp = 'a TCP server between program and Atlas';
const tls = 'a TLS server between program and Atlas';
const proxy = 'an HTTP proxy in HTTPS_PROXY';

export const connectionRows: readonly ScenarioRow[] = [
  {
    ...row(
      'a host name that does not exist',
      'DNS',
      'atlas.baseUrl is https://nonexistent.invalid for one run',
      { errorType: 'network', detail: /ENOTFOUND|EAI_AGAIN/, remedy: reach },
      playUnknownHost,
    ),
    sees: {
      ...outage({ errorType: 'network', detail: /ENOTFOUND|EAI_AGAIN/, remedy: reach }),
      exit: 69,
    },
  },
  row(
    'a port where nothing listens',
    'refused',
    `${tcp} gives its port up`,
    { errorType: 'network', detail: /ECONNREFUSED/, remedy: reach },
    overTcp({ begin: (front) => front.leave(), end: (front) => front.comeBack() }),
  ),
  row(
    'connections are reset',
    'reset',
    `${tcp} sends RST`,
    { errorType: 'network', detail: /ECONNRESET/, remedy: reach },
    overTcp(treated(reset)),
  ),
  row(
    'connections are closed at once',
    'reset',
    `${tcp} sends FIN`,
    { errorType: 'network', detail: /UND_ERR_SOCKET|ECONNRESET|EPIPE/, remedy: reach },
    overTcp(treated(closeAtOnce)),
  ),
  row(
    'connections are taken and nothing is said',
    'blackhole',
    `${tcp} never writes`,
    { errorType: 'timeout', detail: /No complete reply within 2 s/, remedy: /raise atlas\.requestTimeout/ },
    overTcp(treated(saySilence)),
  ),
  {
    ...row(
      'a certificate that has expired',
      'TLS expired',
      tls,
      { errorType: 'tls', detail: /CERT_HAS_EXPIRED/, remedy: /Check the clock of this machine/ },
      overTls(() => certificateOf('IP:127.0.0.1', -1)),
    ),
    needs: openssl,
  },
  {
    ...row(
      'a certificate of an authority nobody knows',
      'TLS unknown',
      tls,
      { errorType: 'tls', detail: /signed by itself|unknown authority/, remedy: /NODE_EXTRA_CA_CERTS/ },
      overTls(selfSigned),
    ),
    needs: openssl,
  },
  {
    ...row(
      'the certificate of another host',
      'TLS wrong host',
      tls,
      { errorType: 'tls', detail: /for another host name/, remedy: /the certificate of another host/ },
      overTls(() => certificateOf('DNS:other.example')),
    ),
    needs: openssl,
  },
  {
    ...row(
      'a proxy that forbids the host',
      'proxy refused',
      `${proxy} answers CONNECT with 403`,
      { errorType: 'network', detail: /refused a connection to Atlas \(HTTP 403\)/, remedy: /HTTPS_PROXY/ },
      overProxy(403),
    ),
    needs: openssl,
  },
  {
    ...row(
      'a proxy that wants a login',
      'proxy refused',
      `${proxy} answers CONNECT with 407`,
      { errorType: 'network', detail: /HTTP 407: it asks for a user name/, remedy: /user:password@host/ },
      overProxy(407),
    ),
    needs: openssl,
  },
];

function caFile(): string {
  const path = join(temporaryFolder(), 'ca.pem');
  writeFileSync(path, authority?.ca ?? '');
  return path;
}

function isOpensslHere(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
