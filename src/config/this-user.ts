/** Returns whom this process runs as, for a sentence: in a container, nobody knows the number by heart. */
export function thisUser(uid = process.geteuid?.()): string {
  return uid === undefined ? 'this user' : `this user (${uid})`;
}
