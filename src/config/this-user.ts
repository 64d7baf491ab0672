/** Returns the user that this process runs as, for a sentence. In a container the number is not obvious. */
export function thisUser(uid = process.geteuid?.()): string {
  return uid === undefined ? 'this user' : `this user (${uid})`;
}
