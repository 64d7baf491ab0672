import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findObstacleToNew } from '../../../src/state/sqlite/obstacle.ts';
import {
  explainRefusal,
  makeRemedy,
  type Purpose,
  type RefusedPlace,
  type Self,
} from '../../../src/state/sqlite/write-access.ts';
import { canMount, mountTiny } from '../mount.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const folder: RefusedPlace = {
  path: '/var/lib/cutover-watch',
  code: 'EACCES',
  stats: { uid: 1000, gid: 100, mode: 0o40755 },
  isFolder: true,
};
const self: Self = { uid: 65_532, gid: 65_532, groups: [65_532], isContained: false };

interface Row {
  readonly rule: string;
  readonly place?: Partial<RefusedPlace>;
  readonly purpose?: Purpose;
  readonly self?: Partial<Self>;
  readonly remedy: string;
}

const rows: readonly Row[] = [
  {
    rule: 'a folder of another user is given to the user of the watcher',
    remedy:
      'If it is for the watcher alone, give it to this user, as root: chown 65532:65532 /var/lib/cutover-watch, or set state.path to another place.',
  },
  {
    rule: 'in a container, the folder on the host is given to it: with Docker, with Podman, and in Kubernetes',
    self: { isContained: true },
    remedy:
      'On the host, give the folder that is mounted there to this user: chown -R 65532:65532 FOLDER; with Podman as a user, podman unshare chown -R 65532:65532 FOLDER; in Kubernetes, set fsGroup: 65532 in the securityContext of the pod, or set state.path to another place.',
  },
  {
    rule: 'the folder of a user whom nobody knows, in group 0, is given to that user and group',
    self: { uid: 1_234_567, gid: 0, groups: [0], isContained: true },
    remedy: 'chown -R 1234567:0 FOLDER;',
  },
  {
    rule: 'a command beside the watcher is run as its user, whose file stays as it is',
    place: { path: '/var/lib/cutover-watch/state.db', isFolder: false },
    purpose: 'command',
    remedy: 'Run this as user 1000 or as root, such as with sudo, or set state.path to another place.',
  },
  {
    rule: 'what belongs to root is for root alone',
    place: { stats: { uid: 0, gid: 0, mode: 0o40700 } },
    purpose: 'command',
    remedy: 'Run this as root, such as with sudo, or set state.path to another place.',
  },
  {
    rule: 'in a container, a new file is written as the owner of its folder',
    purpose: 'new file',
    self: { isContained: true },
    remedy: 'Run this as the owner, with --user 1000:100 of docker or podman, or name another file.',
  },
  {
    rule: 'the owner without the right gives it to itself',
    place: { stats: { uid: 65_532, gid: 65_532, mode: 0o40555 } },
    remedy: 'Give its owner the right: chmod u+rwx /var/lib/cutover-watch, or',
  },
  {
    rule: 'what owner and mode permit is forbidden by something else, and what that may be is named',
    place: { code: 'EPERM', stats: { uid: 65_532, gid: 65_532, mode: 0o40755 } },
    remedy:
      'Owner and mode permit it, so something else forbids it: look for a flag such as immutable (lsattr), an access list (getfacl), SELinux or AppArmor (journalctl -k), and ReadWritePaths= of the systemd unit, or set state.path to another place.',
  },
  {
    rule: 'in a container, what owner and mode permit is forbidden by SELinux',
    place: { stats: { uid: 65_532, gid: 65_532, mode: 0o40755 } },
    self: { isContained: true },
    remedy:
      'Owner and mode permit it, so something else forbids it: with SELinux, mount the folder into the container with :Z, and look at ausearch -m avc, or set',
  },
  {
    rule: 'what a further group of the user may write is forbidden by something else',
    place: { stats: { uid: 1000, gid: 2000, mode: 0o40770 } },
    self: { groups: [2000] },
    remedy: 'Owner and mode permit it',
  },
  {
    rule: 'a folder that is hidden is made visible',
    place: { stats: undefined },
    remedy: 'Let the user of this process search every folder above it (chmod o+x), or',
  },
  {
    rule: 'a read-only mount is mounted otherwise, or opened by the unit',
    place: { code: 'EROFS' },
    remedy:
      'Mount it with write access (in a systemd unit: StateDirectory= or ReadWritePaths=), or set state.path to another place.',
  },
  {
    rule: 'in a container, a volume that can be written is mounted over what is read-only',
    place: { code: 'EROFS' },
    self: { isContained: true },
    remedy:
      'Mount a volume at /var/lib/cutover-watch that can be written (without :ro, or readOnly in Kubernetes), or set state.path to another place.',
  },
];

it.each(rows)('$rule', ({ place, purpose = 'watcher', self: who, remedy }) => {
  const said = explainRefusal({ ...folder, ...place }, purpose, { ...self, ...who });
  expect(said.remedy).toContain(remedy);
});

it('a folder that this user may not make is made for it, or mounted', () => {
  expect(
    [false, true].map((isContained) => makeRemedy('/srv/state', 'watcher', { ...self, isContained })),
  ).toEqual([
    'Make it for this user, as root: install -d -o 65532 -g 65532 /srv/state, or set state.path to another place.',
    'Mount a volume at /srv/state that can be written, or set state.path to another place.',
  ]);
});

it('who is refused, and whose place it is, are named by number', () => {
  expect(explainRefusal(folder, 'watcher', self).why).toBe(
    'no write access to /var/lib/cutover-watch (EACCES); this process runs as user 65532, group 65532; it belongs to user 1000, group 100, mode 755',
  );
});

it('a system without numbers of users is given a sentence without them', () => {
  expect(explainRefusal(folder, 'watcher', undefined)).toEqual({
    why: 'no write access to /var/lib/cutover-watch (EACCES); it belongs to user 1000, group 100, mode 755',
    remedy:
      'Give the user of this process write access to it and to its folder, or set state.path to another place.',
  });
});

it('a new file can be made in a folder that can be written, and not in one that is missing', () => {
  const path = temporaryDirectory();
  expect(findObstacleToNew(join(path, 'new'))).toBeUndefined();
  expect(findObstacleToNew(join(path, 'no', 'such', 'new'))).toMatchObject({
    reason: 'missing',
    why: `the folder ${join(path, 'no', 'such')} is missing (ENOENT)`,
  });
});

it.skipIf(!canMount)('a folder that is missing on a read-only mount is said to be that (needs mount)', () => {
  const { folder: mounted } = mountTiny('64k', { readOnly: true });
  expect(findObstacleToNew(join(mounted, 'state', 'new'))).toMatchObject({
    reason: 'read_only',
    why: `the folder ${join(mounted, 'state')} is missing and cannot be made: ${mounted} is on a file system that is mounted read-only (EROFS)`,
  });
});

it.skipIf(process.geteuid?.() === 0)('a folder without the right to write is named (not as root)', () => {
  const path = join(temporaryDirectory(), 'closed');
  mkdirSync(path);
  chmodSync(path, 0o555);
  expect(findObstacleToNew(join(path, 'new'))?.remedy).toContain(`chmod u+rwx ${path}`);
});
