/**
 * A file that must not be read, or that does not answer. The message is the end of a sentence about the file ("is a
 * pipe ..."), with the remedy.
 */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}
