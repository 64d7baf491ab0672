import { isStatus, type Status } from './status.ts';

/** Which migrations the list shows. */
export interface Filter {
  readonly search: string;
  /** A migration must have all of them, each written as `name:value`. */
  readonly labels: readonly string[];
  readonly status?: Status;
}

/** What the page shows. The address holds all of it, so that it can be saved and shared. */
export interface Route {
  readonly filter: Filter;
  /** The name of the migration that is shown in detail. */
  readonly migration?: string;
}

/** Returns the route of the query of an address. Unknown parameters and values are ignored. */
export function readRoute(query: string): Route {
  const parameters = new URLSearchParams(query);
  const migration = parameters.get('migration') ?? '';
  const status = parameters.get('state') ?? '';
  return {
    filter: {
      search: parameters.get('search') ?? '',
      labels: parameters.getAll('label'),
      ...(isStatus(status) && { status }),
    },
    ...(migration !== '' && { migration }),
  };
}

/** Returns the address of a route, relative to the page. */
export function addressOf({ filter: { search, labels, status }, migration }: Route): string {
  const parameters = new URLSearchParams();
  if (migration !== undefined) parameters.set('migration', migration);
  if (search !== '') parameters.set('search', search);
  for (const label of labels) parameters.append('label', label);
  if (status !== undefined) parameters.set('state', status);
  const query = parameters.toString();
  return query === '' ? './' : `./?${query}`;
}

export function withLabel({ labels, ...filter }: Filter, label: string): Filter {
  return { ...filter, labels: labels.includes(label) ? labels : [...labels, label] };
}

export function withoutLabel({ labels, ...filter }: Filter, label: string): Filter {
  return { ...filter, labels: labels.filter((each) => each !== label) };
}

/** Returns the filter with this status, or without it where it is set already. */
export function withStatus({ status: former, ...filter }: Filter, status: Status): Filter {
  return status === former ? filter : { ...filter, status };
}
