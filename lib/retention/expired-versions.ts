import type { ModelRecord } from '../contracts/model-record.ts';
import { Retention, type VersionUse } from '../contracts/retention.ts';
import { LATEST } from '../models/registry.ts';

const DAY_MS = 86_400_000;

/** Finds which versions of a model stay, if this version of Graft can read it. Without a setting all stay. */
export function retentionOf({ retention }: Pick<ModelRecord, 'retention'>): Retention | undefined {
  return Retention.safeParse(retention).data;
}

/** Finds the versions that are neither among the newest nor young enough, in use or not, oldest first. */
export function expiredVersions({ versions }: Pick<ModelRecord, 'versions'>, { newest, days }: Retention, now: Date): number[] {
  const publishedBefore = now.getTime() - days * DAY_MS;
  return versions
    .slice(0, -newest)
    .filter(({ createdAt }) => Date.parse(createdAt) <= publishedBefore)
    .map(({ version }) => version);
}

/**
 * Finds the aliases that point to a version, or whose rollbacks can restore it. Rollbacks of `latest`
 * do not count: it pointed to every version, so nothing would expire.
 */
export function aliasUses({ aliases, previous = {} }: Pick<ModelRecord, 'aliases' | 'previous'>, version: number): VersionUse[] {
  const pointing = Object.entries(aliases).filter(([, target]) => target === version);
  const before = Object.entries(previous).filter(([alias, past]) => alias !== LATEST && past.includes(version));
  return [
    ...pointing.map(([by]) => ({ kind: 'alias' as const, by })),
    ...before.map(([by]) => ({ kind: 'rollback' as const, by })),
  ];
}
