import type { Client } from '../lib/client/client.ts';
import type { ModelRecord } from '../lib/contracts/model-record.ts';
import type { ModelVersion } from '../lib/contracts/model-version.ts';
import { parseReference } from '../lib/contracts/reference.ts';
import { UsageError } from '../lib/errors.ts';
import { noVersion } from '../lib/models/registry.ts';

export interface FoundVersion {
  readonly record: ModelRecord;
  readonly version: ModelVersion;
}

/**
 * Finds the version of `NAME`, `NAME@VERSION` or `NAME:ALIAS`. @throws UsageError REF_INVALID; NotFoundError MODEL_*
 */
export async function findModelVersion(ref: string, { models }: Client): Promise<FoundVersion> {
  const { name, version: number, alias = 'latest' } = parseReference(ref) ?? {};
  if (name === undefined || (number !== undefined && !/^\d+$/.test(number))) {
    throw new UsageError('REF_INVALID', {
      at: ref,
      expected: 'NAME, NAME@VERSION or NAME:ALIAS',
      received: ref,
      fix: 'graft models lists them',
    });
  }
  const record = await models.get(name);
  const wanted = number === undefined ? record.aliases[alias] : Number(number);
  const version = record.versions.find((one) => one.version === wanted) ?? (await olderVersion(record, wanted, models));
  if (version !== undefined) return { record, version };
  return noVersion(ref, record);
}

/** The record of a model with very many versions has only the newest. */
async function olderVersion(
  { name, versionCount }: ModelRecord,
  wanted: number | undefined,
  models: Client['models'],
): Promise<ModelVersion | undefined> {
  if (versionCount === undefined || wanted === undefined) return undefined;
  const { versions } = await models.versions(name, { after: `${wanted + 1}`, limit: 1 });
  return versions.find(({ version }) => version === wanted);
}
