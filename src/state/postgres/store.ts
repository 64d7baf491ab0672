import type { SharedStore } from '../shared-store.ts';
export function openSharedStore(_url: string, _leaseMs: number): Promise<SharedStore> { throw new Error('not yet'); }
