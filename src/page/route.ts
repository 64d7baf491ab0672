import { isStatus, type Status } from './status.ts';

/** How far back the lanes of the list go. */
export type Range = '6h' | '24h' | '5d';

/** Which migrations the list shows, and how. */
export interface Filter {
  readonly search: string;
  /** Each written as `name:value`. A migration must have one of each name. */
  readonly labels: readonly string[];
  readonly status?: Status;
  /** Only what needs attention. */
  readonly needsMe?: true;
  /** The name of the label that rows are grouped by; empty for no groups. Default: groups where there are many. */
  readonly group?: string;
  /** Default: a day. */
  readonly range?: Exclude<Range, '24h'>;
}

/** What the page shows. The address holds all of it, so that it can be saved and shared. */
export interface Route {
  readonly filter: Filter;
  /** The name of the migration that is shown in detail. */
  readonly migration?: string;
  /** For a screen on the wall: large, and without anything to operate. */
  readonly view?: 'wall';
}

/** Returns the route of the query of an address. Unknown parameters and values are ignored. */
export function readRoute(query: string): Route {
  const parameters = new URLSearchParams(query);
  const migration = parameters.get('migration') ?? '';
  const status = parameters.get('state') ?? '';
  const group = parameters.get('group');
  const range = parameters.get('range');
  return {
    filter: {
      search: parameters.get('search') ?? '',
      labels: parameters.getAll('label'),
      ...(isStatus(status) && { status }),
      ...(parameters.get('needs') === 'me' && { needsMe: true }),
      ...(group !== null && { group }),
      ...((range === '6h' || range === '5d') && { range }),
    },
    ...(migration !== '' && { migration }),
    ...(parameters.get('view') === 'wall' && { view: 'wall' }),
  };
}

/** Returns the address of a route, relative to the page. */
export function addressOf({ filter, migration, view }: Route): string {
  const { search, labels, status, needsMe, group, range } = filter;
  const parameters = new URLSearchParams();
  if (view !== undefined) parameters.set('view', view);
  if (migration !== undefined) parameters.set('migration', migration);
  if (search !== '') parameters.set('search', search);
  for (const label of labels) parameters.append('label', label);
  if (status !== undefined) parameters.set('state', status);
  if (needsMe === true) parameters.set('needs', 'me');
  if (group !== undefined) parameters.set('group', group);
  if (range !== undefined) parameters.set('range', range);
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

/** Returns the filter with only what needs attention, or with everything where it is so already. */
export function withNeedsMe({ needsMe, ...filter }: Filter): Filter {
  return needsMe === true ? filter : { ...filter, needsMe: true };
}

export function withGroup(filter: Filter, group: string): Filter {
  return { ...filter, group };
}

/** Returns the filter with this range, or with that of a day where it is set already. */
export function withRange({ range: former, ...filter }: Filter, range: Range): Filter {
  return range === '24h' || range === former ? filter : { ...filter, range };
}
