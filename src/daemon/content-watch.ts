import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/**
 * Calls back when a file holds something else than before, looking every `everyMs`; returns a function that ends
 * this. It compares content and not times or inodes, so that the symbolic links by which mounted folders are
 * swapped make no difference. A file that cannot be read counts as other content.
 */
export function watchContent(path: string, everyMs: number, onChange: () => void): () => void {
  let known: string | undefined;
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    const current = await fingerprint(path);
    looking = false;
    if (known !== undefined && current !== known) onChange();
    known = current;
  };
  void look();
  const timer = setInterval(() => void look(), everyMs);
  return () => clearInterval(timer);
}

async function fingerprint(path: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
  }
}
