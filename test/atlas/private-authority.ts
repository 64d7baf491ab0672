import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export interface PrivateAuthority {
  /** The certificate of the authority, PEM. */
  readonly ca: string;
  /** Makes a certificate that the authority vouches for, such as for `DNS:localhost`; with `days` below 0 it has expired. */
  issue(subjectAltName: string, days?: number): Certificate;
}

const ecKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes a certificate authority that only this test knows. */
export function createAuthority(): PrivateAuthority {
  const root = makeCa();
  return {
    ca: root.cert,
    issue: (subjectAltName, days = 2) =>
      inFolder((folder) => {
        const at = (name: string): string => join(folder, name);
        writeFileSync(at('ca.pem'), root.cert);
        writeFileSync(at('ca.key'), root.key);
        writeFileSync(at('ext'), `subjectAltName=${subjectAltName}\n`);
        openssl('req', ...ecKey, '-subj', '/CN=atlas', '-keyout', at('key'), '-out', at('csr'));
        const ca = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial'];
        openssl(
          'x509',
          '-req',
          '-in',
          at('csr'),
          ...ca,
          '-days',
          `${days}`,
          '-extfile',
          at('ext'),
          '-out',
          at('cert'),
        );
        return { key: readFileSync(at('key'), 'utf8'), cert: readFileSync(at('cert'), 'utf8') };
      }),
  };
}

function makeCa(): Certificate {
  return inFolder((folder) => {
    const key = join(folder, 'key');
    const cert = join(folder, 'cert');
    openssl('req', '-x509', ...ecKey, '-days', '2', '-subj', '/CN=Private CA', '-keyout', key, '-out', cert);
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  });
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-watch-ca-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
