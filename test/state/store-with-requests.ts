import type { OperatorRequest } from '../../src/state/operator-word.ts';
import type { Store, StoredRequest } from '../../src/state/store.ts';

/** What a command asks, without what every request has. */
export type Wish = OperatorRequest extends infer Request
  ? Request extends OperatorRequest
    ? Omit<Request, 'id' | 'migration' | 'groupId' | 'liveMigrationId' | 'requestedAt'>
    : never
  : never;

/** A store in which a test can leave requests, as commands do. Those that a commit takes up are gone with it. */
export function withRequests(store: Store) {
  let waiting: readonly StoredRequest[] = [];
  let count = 0;
  const nextId = (): string => {
    count += 1;
    return `0b6bbd4c-7a43-4be7-9bf9-${String(count).padStart(12, '0')}`;
  };
  const withThem: Store = {
    ...store,
    requests: () => Promise.resolve(waiting),
    commit: async (batch) => {
      const result = await store.commit(batch);
      if (!result.replaced) waiting = waiting.filter(({ id }) => batch.requests?.includes(id) !== true);
      return result;
    },
  };
  return {
    store: withThem,
    /** Leaves a request about a migration, made at this moment (ms since 1970), and returns its id. */
    leave: (
      target: Pick<OperatorRequest, 'groupId' | 'liveMigrationId'> & { readonly name: string },
      requestedAt: number,
      wish: Wish,
    ): string => {
      const { groupId, liveMigrationId, name: migration } = target;
      const id = nextId();
      const request = { id, migration, groupId, liveMigrationId, requestedAt, ...wish };
      waiting = [...waiting, { id, request }];
      return id;
    },
    /** Leaves what is no request. */
    leaveRubbish: (): void => {
      waiting = [...waiting, { id: nextId(), request: undefined }];
    },
    get waiting() {
      return waiting;
    },
  };
}
