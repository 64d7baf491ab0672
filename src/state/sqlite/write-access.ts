import type { Stats } from 'node:fs';

/** Who is refused: the watcher its state, a command that uses it beside the watcher, or somebody a file that they name. */
export type Purpose = 'watcher' | 'command' | 'new file';

/** A place that cannot be written. */
export interface RefusedPlace {
  readonly path: string;
  /** The error of the file system. */
  readonly code: 'EROFS' | 'EACCES' | 'EPERM';
  /** Undefined where a folder above it hides it. */
  readonly stats?: Pick<Stats, 'uid' | 'gid' | 'mode'> | undefined;
  readonly isFolder: boolean;
}

/** The user that this process runs as; undefined where the system has no numbers for users. */
export interface Self {
  readonly uid: number;
  readonly gid: number;
  /** With the groups beside `gid`. */
  readonly groups: readonly number[];
  /** In a container, people know neither the numbers nor the path on the host. */
  readonly isContained: boolean;
}

/** Why a place cannot be written, and what to do: a clause and a sentence. */
export interface Refusal {
  readonly why: string;
  readonly remedy: string;
}

/** What else helps, whatever is in the way. */
export const elsewhere: Readonly<Record<Purpose, string>> = {
  watcher: 'or set state.path to another place',
  command: 'or set state.path to another place',
  'new file': 'or name another file',
};

/** Returns the user that this process runs as. */
export function readSelf(): Self | undefined {
  const uid = process.geteuid?.();
  const gid = process.getegid?.();
  if (uid === undefined || gid === undefined) return undefined;
  // Podman sets it, as does our image ("The Container Interface", systemd). Docker and Kubernetes set nothing of the kind.
  const isContained = process.env.container !== undefined;
  return { uid, gid, groups: process.getgroups?.() ?? [], isContained };
}

/** Returns why a place cannot be written, with the users concerned, and the command that helps. */
export function explainRefusal(place: RefusedPlace, purpose: Purpose, self: Self | undefined): Refusal {
  const { path, code, stats } = place;
  if (code === 'EROFS')
    return {
      why: `${path} is on a file system that is mounted read-only (${code})`,
      remedy: `${mountRemedy(path, self)}, ${elsewhere[purpose]}.`,
    };
  return {
    why: withUsers(`no write access to ${path} (${code})`, stats, self),
    remedy: `${accessRemedy(place, purpose, self)}, ${elsewhere[purpose]}.`,
  };
}

/** Returns a clause about a refusal with the users concerned: who is refused, and whose the place is where that is known. */
function withUsers(clause: string, stats: RefusedPlace['stats'], self: Self | undefined): string {
  const users = [
    ...(self === undefined ? [] : [`this process runs as user ${self.uid}, group ${self.gid}`]),
    ...(stats === undefined
      ? []
      : [`it belongs to user ${stats.uid}, group ${stats.gid}, mode ${(stats.mode & 0o7777).toString(8)}`]),
  ];
  return [clause, ...users].join('; ');
}

/** Returns why a state file cannot be read, and what to do; `stats` are undefined where a folder hides it. */
export function explainUnreadable(
  code: string,
  stats: RefusedPlace['stats'],
  self: Self | undefined,
): Refusal {
  return {
    why: withUsers(`the state file may not be read (${code})`, stats, self),
    remedy:
      stats === undefined
        ? 'Run this as its owner or as root, such as with sudo.'
        : `${runAsOwner(stats, self)}.`,
  };
}

function mountRemedy(path: string, self: Self | undefined): string {
  return self?.isContained === true
    ? `Mount a volume at ${path} that can be written (without :ro, or readOnly in Kubernetes)`
    : 'Mount it with write access (in a systemd unit: StateDirectory= or ReadWritePaths=)';
}

function accessRemedy(place: RefusedPlace, purpose: Purpose, self: Self | undefined): string {
  const { path, stats, isFolder } = place;
  if (stats === undefined) return 'Let the user of this process search every folder above it (chmod o+x)';
  if (self === undefined) return 'Give the user of this process write access to it and to its folder';
  if (permits(stats, self, isFolder ? 0o7 : 0o6))
    return `Owner and mode permit it, so something else forbids it: ${self.isContained ? 'with SELinux, mount the folder into the container with :Z, and look at ausearch -m avc' : 'look for a flag such as immutable (lsattr), an access list (getfacl), SELinux or AppArmor (journalctl -k), and ReadWritePaths= of the systemd unit'}`;
  if (stats.uid === self.uid) return `Give its owner the right: chmod ${isFolder ? 'u+rwx' : 'u+rw'} ${path}`;
  return purpose === 'watcher' ? ownershipRemedy(place, self) : runAsOwner(stats, self);
}

/** The watcher keeps its user, and gets the place. */
function ownershipRemedy({ path, isFolder }: RefusedPlace, { uid, gid, isContained }: Self): string {
  const owner = `${uid}:${gid}`;
  if (isContained)
    return `On the host, give the folder that is mounted there to this user: chown -R ${owner} FOLDER; with Podman as a user, podman unshare chown -R ${owner} FOLDER; in Kubernetes, set fsGroup: ${gid} in the securityContext of the pod`;
  const condition = isFolder ? 'If it is for the watcher alone, give' : 'Give';
  return `${condition} it to this user, as root: chown ${owner} ${path}`;
}

/** Returns how a folder is made that this process may not make; the folder above stays with its owner. */
export function makeRemedy(path: string, purpose: Purpose, self: Self | undefined): string {
  if (self?.isContained === true)
    return `Mount a volume at ${path} that can be written, ${elsewhere[purpose]}.`;
  const owner = self === undefined ? '' : ` -o ${self.uid} -g ${self.gid}`;
  return `Make it for this user, as root: install -d${owner} ${path}, ${elsewhere[purpose]}.`;
}

/** Returns how to run a command as the owner of a place, who may be the watcher: the place keeps its owner. */
export function runAsOwner({ uid, gid }: Pick<Stats, 'uid' | 'gid'>, self: Self | undefined): string {
  if (self?.isContained === true)
    return `Run this as the owner, with --user ${uid}:${gid} of docker or podman`;
  return `Run this as ${uid === 0 ? '' : `user ${uid} or as `}root, such as with sudo`;
}

function permits(
  { uid, gid, mode }: Pick<Stats, 'uid' | 'gid' | 'mode'>,
  self: Self,
  needed: number,
): boolean {
  const isInGroup = gid === self.gid || self.groups.includes(gid);
  const bits = uid === self.uid ? mode >> 6 : isInGroup ? mode >> 3 : mode;
  return (bits & needed) === needed;
}
