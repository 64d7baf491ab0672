import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const dockerfile = read('Dockerfile').replaceAll(/\\\n\s*/g, '');
const [build = '', final = ''] = dockerfile.split(/^FROM scratch$/m);

/** The value of an instruction of the final image, which gives it once. */
function finalValue(instruction: string): string {
  const values = [...final.matchAll(new RegExp(`^${instruction} (.*)$`, 'gm'))].map(([, value]) => value);
  expect(values).toHaveLength(1);
  return values[0] ?? '';
}

it('everything that the image is made from exists, and is let in by .dockerignore', () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = '']) =>
    files.split(' '),
  );
  expect(copied).toContain('src');
  expect(copied.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  const [everything, ...letIn] = read('.dockerignore').trim().split('\n');
  expect(everything).toBe('*');
  expect(letIn.toSorted()).toEqual(copied.map((file) => `!${file}`).toSorted());
});

it('the image says which version it holds', () => {
  const { version } = JSON.parse(read('package.json'));
  expect(finalValue('LABEL')).toContain(`org.opencontainers.image.version="${version}"`);
});

it('no label of the image is empty; config/container.md shows a build that adds the others', () => {
  expect(final).not.toMatch(/^ARG /m);
  const inFile = [...finalValue('LABEL').matchAll(/([\w.]+)="([^"]*)"/g)];
  for (const [, name, value] of inFile) expect(value, name).toMatch(/^[^$]+$/);
  const given = [...read('config/container.md').matchAll(/--label (org\.opencontainers\.image\.\w+)=/g)];
  const names = [...inFile, ...given].map(([, name = '']) => name.slice(name.lastIndexOf('.') + 1));
  const expected = [
    'title',
    'description',
    'version',
    'licenses',
    'source',
    'url',
    'documentation',
    'revision',
  ];
  expect(names.toSorted()).toEqual([...expected, 'created'].toSorted());
});

it('the image runs the program as a numbered user, with SIGTERM and one volume', () => {
  expect(finalValue('USER')).toMatch(/^\d+:\d+$/);
  expect(finalValue('STOPSIGNAL')).toBe('SIGTERM');
  expect(finalValue('VOLUME')).toBe(/STATE_DIRECTORY=(\S+)/.exec(finalValue('ENV'))?.[1]);
});

it('no instruction of the final image needs a shell, as there is none', () => {
  expect(final).not.toMatch(/^RUN /m);
  for (const line of final.match(/^(HEALTHCHECK .*CMD|ENTRYPOINT|CMD) .*$/gm) ?? [])
    expect(line).toMatch(/ \[".*"\]$/);
  expect(build).toMatch(/^RUN npm ci --ignore-scripts$/m);
});

it('a user of any number in group 0, as OpenShift gives, may write what the user of the image may', () => {
  const [, user, group] =
    /install -d -o (\d+) -g (\d+) -m 775 \/app\/compile-cache \/image(\S+)/.exec(build)?.slice(0, 3) ?? [];
  expect(`${user}:${group}`).toBe(`${finalValue('USER').split(':')[0]}:0`);
  expect(final).toMatch(/^COPY --from=build --chown=65532:0 \/image\/var\/lib \/var\/lib$/m);
});

it('the SBOM of the image gets its Node.js and the packages of its libraries', () => {
  expect(build).toMatch(/node \.build\/sbom-of-install\.ts \/app\/sbom\.cdx\.json .*dpkg-query/);
  expect(read('config/container.md')).toContain('/app/sbom.cdx.json');
});

it('glibc gives memory back in the image as in the unit', () => {
  for (const setting of ['MALLOC_ARENA_MAX=1', 'MALLOC_TRIM_THRESHOLD_=65536'])
    expect(finalValue('ENV')).toContain(setting);
});
