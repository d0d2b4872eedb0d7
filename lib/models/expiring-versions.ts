import type { ObjectStore } from '../ports.ts';
import { changeRecord } from './registry.ts';

/**
 * Withdraws the announcement that a version is about to be removed (lib/retention/apply-retention.ts). A job that names
 * the version calls it once its own record is in the store.
 */
export async function withdrawExpiry(name: string, version: number, store: ObjectStore): Promise<void> {
  await changeRecord(name, store, ({ expiring, ...record }) => {
    if (!expiring?.versions.includes(version)) return undefined;
    const versions = expiring.versions.filter((one) => one !== version);
    return { ...record, expiring: { ...expiring, versions } };
  });
}
