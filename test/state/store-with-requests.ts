import { randomUUID } from 'node:crypto';
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
      const id = randomUUID();
      const request = { id, migration, groupId, liveMigrationId, requestedAt, ...wish };
      waiting = [...waiting, { id, request }];
      return id;
    },
    /** Leaves what is no request. */
    leaveRubbish: (): void => {
      waiting = [...waiting, { id: randomUUID(), request: undefined }];
    },
    get waiting() {
      return waiting;
    },
  };
}
