import { parseDuration } from '../../config/duration.ts';
import { quoted } from '../../config/quoted.ts';
import { closest } from '../../config/suggest.ts';
import type { Target } from '../../watch/migration/target.ts';
import type { Goal } from './waited.ts';

const maxNamesListed = 10;

type NamedIds = Pick<Target, 'name' | 'liveMigrationId'>;

/** Returns the migrations of these names, each once and in the order of the configuration; all when none is named. */
export function chooseTargets(configured: readonly Target[], names: readonly string[]): readonly Target[] {
  return names.length === 0 ? configured : configured.filter(({ name }) => names.includes(name));
}

/** Returns a sentence about every name that no configured migration has. `where` these were looked for. */
export function nameProblems(
  configured: readonly NamedIds[],
  names: readonly string[],
  where = 'the configuration',
): string[] {
  return [...new Set(names)]
    .filter((name) => !configured.some((target) => target.name === name))
    .map((name) => `There is no migration ${quoted(name)} in ${where}. ${advice(name, configured)}`);
}

function advice(name: string, configured: readonly NamedIds[]): string {
  const owner = configured.find(({ liveMigrationId }) => liveMigrationId === name);
  if (owner !== undefined) return `Did you mean ${owner.name}, which has this id?`;
  const known = [...new Set(configured.map((target) => target.name))];
  if (known.length === 0) return 'It has none.';
  const near = closest(name, known);
  if (near !== undefined) return `Did you mean ${near}?`;
  const more = known.length > maxNamesListed ? ` and ${known.length - maxNamesListed} more` : '';
  return `It has ${known.slice(0, maxNamesListed).join(', ')}${more}.`;
}

/** Returns the largest lag to wait for in seconds, undefined where none is given, or a sentence about what is wrong. */
export function parseMaxLag(text: string | undefined, goal: Goal): number | undefined | string {
  if (text === undefined) return undefined;
  if (goal !== 'ready')
    return `--max-lag belongs to --for ready, and cannot be used with --for ${goal}: leave one of them out.`;
  const maxLagMs = parseDuration(text);
  // Atlas shows whole seconds, and hardly ever 0.
  if (maxLagMs === undefined || maxLagMs < 1_000)
    return `--max-lag ${quoted(text)} is no lag to wait for: write a whole number and a unit, such as 10s or 2m, and 1s at least, as Atlas hardly ever shows a lag of 0.`;
  return maxLagMs / 1_000;
}

/** Returns a timeout in ms, undefined where none is given, or a sentence about what is wrong with it. */
export function parseTimeout(text: string | undefined, command: 'run' | 'wait'): number | undefined | string {
  if (text === undefined) return undefined;
  const timeoutMs = parseDuration(text);
  if (timeoutMs === undefined || timeoutMs === 0)
    return `--timeout ${quoted(text)} is no length of time: write a whole number above 0 and a unit, such as 90s, 30m, 6h or 2d, or leave it out to wait without end (cutover-watch ${command} --help).`;
  return timeoutMs;
}
