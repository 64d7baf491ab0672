import { createHash } from 'node:crypto';
import { UnreadableFile } from '../config/unreadable-file.ts';
import { files } from './read-file.ts';

/**
 * Calls back when the content of a file changes; at first it is compared with `content`. Checks now and every
 * `everyMs`. Returns a function that stops this. It compares content and not times or inodes, so it also works with
 * mounted folders that are swapped by symbolic links. An unreadable file counts as changed content. A pipe can be
 * read only once, so only regular files are checked.
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
    const text = await files.readRegular(path);
    return text === undefined ? undefined : fingerprint(text);
  } catch (error) {
    if (error instanceof UnreadableFile) return error.message;
    return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
  }
}

function fingerprint(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
