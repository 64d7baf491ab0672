import { isStanding, type Standing } from './status.ts';

/** Which migrations the list shows. */
export interface Filter {
  readonly search: string;
  /** A migration must have all of them; each is written `name:value`. */
  readonly labels: readonly string[];
  readonly standing?: Standing;
}

/** What the page shows. Its address says all of it, so that it can be kept and sent. */
export interface Route {
  readonly filter: Filter;
  /** The name of the migration that is shown in detail. */
  readonly migration?: string;
}

/** Reads a route from the query of an address. What it does not know is left out. */
export function readRoute(query: string): Route {
  const parameters = new URLSearchParams(query);
  const migration = parameters.get('migration') ?? '';
  const standing = parameters.get('state') ?? '';
  return {
    filter: {
      search: parameters.get('search') ?? '',
      labels: parameters.getAll('label'),
      ...(isStanding(standing) && { standing }),
    },
    ...(migration !== '' && { migration }),
  };
}

/** Returns the address of a route, relative to the page. */
export function addressOf({ filter: { search, labels, standing }, migration }: Route): string {
  const parameters = new URLSearchParams();
  if (migration !== undefined) parameters.set('migration', migration);
  if (search !== '') parameters.set('search', search);
  for (const label of labels) parameters.append('label', label);
  if (standing !== undefined) parameters.set('state', standing);
  const query = parameters.toString();
  return query === '' ? './' : `./?${query}`;
}

export function withLabel({ labels, ...filter }: Filter, label: string): Filter {
  return { ...filter, labels: labels.includes(label) ? labels : [...labels, label] };
}

export function withoutLabel({ labels, ...filter }: Filter, label: string): Filter {
  return { ...filter, labels: labels.filter((each) => each !== label) };
}

/** Returns the filter once this standing has been chosen: choosing it again shows all. */
export function withStanding({ standing: former, ...filter }: Filter, standing: Standing): Filter {
  return standing === former ? filter : { ...filter, standing };
}
