import { activeEvent, fencedEvent, standbyEvent } from '../../../src/daemon/roles.ts';
import type { Emit } from '../../../src/events/emitter.ts';

const other = { epoch: 4, holder: 'db-2 (pid 812)', remainingMs: 21_000 };

/** A watcher that stands by, takes over from one that was not heard of, and is suspended while that one comes back. */
export function playRoles(emit: Emit): void {
  emit(standbyEvent(other));
  const taking = { taken: true, epoch: 5, after: 'expired', former: other.holder } as const;
  emit(activeEvent({ taking, takenAt: 0 }, 7_214_000));
  emit(fencedEvent({ ...other, epoch: 6 }));
}
