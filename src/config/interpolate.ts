/** Environment variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The expanded text and the variables it named, or one clause for each thing wrong with it. */
export type Interpolation =
  | { readonly ok: true; readonly text: string; readonly variables: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

// A reference runs to the first closing brace; what does not fit the grammar is caught by the last branch. Dollars of a
// default can be read in one way only: two ways for each pair would take exponential time where the brace is missing.
const TOKEN =
  /\$\$|\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<fallback>(?:\$\$|\$(?![{$])|[^}$])*))?\}|\$\{/g;

/**
 * Expands `${VAR}` and `${VAR:-default}` in a text; `$$` is a dollar and any other dollar stays as it is.
 * A default is taken when the variable is unset or empty, as in the shell (POSIX, "Parameter Expansion").
 * Problems are clauses to put after a key (`names the variable X, which is not set; ...`) and never hold a value.
 */
export function interpolate(text: string, env: Environment): Interpolation {
  const problems = new Set<string>();
  const variables = new Set<string>();
  const expanded = text.replace(TOKEN, (token, ...rest: readonly unknown[]) => {
    if (token === '$$') return '$';
    const { name, fallback } = groupsOf(rest);
    if (name === undefined) {
      problems.add(
        `has a \${ that does not begin \${VAR} or \${VAR:-default}; write one of these, or $\${ for a literal \${.`,
      );
      return '';
    }
    variables.add(name);
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (fallback !== undefined) return value || fallback.replaceAll('$$', () => '$');
    if (value === undefined) {
      problems.add(
        `names the variable ${name}, which is not set; set it, or give a default with \${${name}:-default}.`,
      );
    }
    return value ?? '';
  });
  return problems.size > 0
    ? { ok: false, problems: [...problems] }
    : { ok: true, text: expanded, variables: [...variables] };
}

function groupsOf(replacerArguments: readonly unknown[]): { name?: string; fallback?: string } {
  const groups = replacerArguments.at(-1);
  return typeof groups === 'object' && groups !== null ? groups : {};
}

/** Returns the text written so that `interpolate` gives it back unchanged. */
export function escapeDollars(text: string): string {
  return text.replaceAll('$', () => '$$');
}
