import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;

/** Every page, by its path from the root. The benchmark installs packages of others, with pages of their own. */
const pages = [
  ...readdirSync(root),
  ...['config', 'src', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  ),
].filter((path) => path.endsWith('.md') && !path.includes('node_modules'));

/** The text of a page without its code, in which a bracket is no link. */
function prose(path: string): string {
  const text = readFileSync(join(root, path), 'utf8').replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
  return text.replaceAll(/`[^`\n]*`/g, 'code');
}

/** Targets of Markdown links and images, and of HTML attributes. */
function linksOf(path: string): string[] {
  const text = prose(path);
  const markdown = [...text.matchAll(/\]\(([^)\s]+)\)/g)];
  const attributes = [...text.matchAll(/\b(?:src|srcset|href)="([^"]+)"/g)];
  return [...markdown, ...attributes].map(([, target = '']) => target);
}

/** The anchors of a page, as GitHub makes them of its headings. */
function anchorsOf(path: string): string[] {
  const text = readFileSync(join(root, path), 'utf8').replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
  return [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
}

/** Returns what is wrong with a link of a page, if anything. */
function problemOf(page: string, link: string): string | undefined {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : relative(root, resolve(root, dirname(page), path));
  if (!existsSync(join(root, target))) return `${link} does not exist`;
  if (anchor === undefined) return undefined;
  const isPage = statSync(join(root, target)).isFile() && target.endsWith('.md');
  return isPage && anchorsOf(target).includes(anchor) ? undefined : `${link} has no such heading`;
}

it.each(pages)('every relative link of %s leads to a file, and every anchor to a heading', (page) => {
  expect(linksOf(page).flatMap((link) => problemOf(page, link) ?? [])).toEqual([]);
});

it('the README links every other page, directly or over one of them', () => {
  const reached = new Set(['README.md']);
  for (const page of reached)
    for (const link of linksOf(page)) {
      const [path = ''] = link.split('#');
      const target = join(dirname(page), path);
      if (!/^[a-z]+:/.test(link))
        for (const file of [target, join(target, 'README.md')]) if (pages.includes(file)) reached.add(file);
    }
  expect([...reached].toSorted()).toEqual(pages.toSorted());
});

it('the README is a front door of at most 250 lines', () => {
  expect(readFileSync(join(root, 'README.md'), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(250);
});

/** Redirects that write only what a command has printed to its end. */
const safeRedirect = /&& printf \S+ "\$\w+" > \S+|> (new\.\w+) && mv \1 /;

it.each([...pages, 'config/cutover-watch.1'])('no command of %s empties a file when it fails', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const blocks = page.endsWith('.md') ? [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)] : [[text, text]];
  const commands = blocks.flatMap(([, block = '']) => block.replaceAll(/\\\n\s*/g, '').split('\n'));
  const redirects = commands.filter((command) => /[^<>=-]> ?(?!\/dev\/null|&)[\w./"$~]/.test(command));
  expect(redirects.filter((command) => !safeRedirect.test(command))).toEqual([]);
});
