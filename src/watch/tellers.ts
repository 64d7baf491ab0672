import type { Outage } from '../state/migration-state.ts';
import type { Ledger } from './ledger.ts';
import type { Target } from './migration/target.ts';
import { keyOf } from './migration/target.ts';

/**
 * Lets the first of those that share an outage speak for it, where nobody does: who did is watched no more. Returns
 * whether that was so. `now` in ms since 1970.
 */
export function appointTeller(ledger: Ledger, targets: readonly Target[], now: number): boolean {
  const told = (target: Target): Outage['told'] => ledger.state(target)?.outage?.told;
  const sharing = targets.filter((target) => told(target) === 'by another');
  const [heir] = sharing;
  if (heir === undefined || targets.some((target) => told(target) === 'for all')) return false;
  tellBy(ledger, heir, { told: 'for all', toldAt: now, migrations: sharing.length });
  return true;
}

/** Lets those of whose outage another one spoke speak for themselves from now on: it has told the end of it. */
export function dismissSharing(ledger: Ledger, targets: readonly Target[]): void {
  for (const target of targets)
    if (ledger.state(target)?.outage?.told === 'by another') tellBy(ledger, target, { told: 'before' });
}

/**
 * Lets one of those that stay speak for an outage that one of those which leave has told. Whoever leaves an outage that
 * it shared has no part in it when it comes back. `now` in ms since 1970.
 */
export function handOver(
  ledger: Ledger,
  former: readonly Target[],
  next: readonly Target[],
  now: number,
): void {
  const keys = new Set(next.map(keyOf));
  const stays = (target: Target): boolean => keys.has(keyOf(target));
  const isHandedOver = appointTeller(ledger, former.filter(stays), now);
  for (const target of former) {
    if (stays(target)) continue;
    const told = ledger.state(target)?.outage?.told;
    if (told === 'by another' || (told === 'for all' && isHandedOver))
      tellBy(ledger, target, { told: 'before' });
  }
}

function tellBy(ledger: Ledger, target: Target, by: Pick<Outage, 'told' | 'toldAt' | 'migrations'>): void {
  const state = ledger.state(target);
  if (state?.outage === undefined) return;
  const { failures, since } = state.outage;
  const { groupId, liveMigrationId } = target;
  ledger.record({
    groupId,
    liveMigrationId,
    state: { ...state, outage: { failures, since, ...by } },
    events: [],
  });
}
