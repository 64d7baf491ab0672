import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';

/**
 * Calls back when a file holds something else than before, at first something else than `content`, looking now and
 * every `everyMs`; returns a function that ends this. It compares content and not times or inodes, so that the
 * symbolic links by which mounted folders are swapped make no difference. A file that cannot be read counts as
 * other content; what is no file, such as a pipe, can be read only once and is not looked at.
 */
export function watchFile(path: string, content: string, everyMs: number, onChange: () => void): () => void {
  let known = fingerprint(content);
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    const current = await checkResult(path);
    looking = false;
    if (current === undefined || current === known) return;
    known = current;
    onChange();
  };
  void look();
  const timer = setInterval(() => void look(), everyMs);
  return () => clearInterval(timer);
}

async function checkResult(path: string): Promise<string | undefined> {
  try {
    const stats = await stat(path);
    if (!stats.isFile() && !stats.isDirectory()) return undefined;
    return fingerprint(await readFile(path, 'utf8'));
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
  }
}

function fingerprint(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
