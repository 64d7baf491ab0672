const oldestMajor = 24;

/** Returns a sentence for people when this Node.js is too old for the program, else undefined. */
export function nodeVersionProblem(version: string): string | undefined {
  if (Number.parseInt(version, 10) >= oldestMajor) return undefined;
  return `cutover-watch needs Node.js ${oldestMajor} or newer, but this is Node.js ${version}: start it with a newer one, or through npm start, which brings its own.`;
}
