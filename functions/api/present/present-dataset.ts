import type { DatasetRecord, UploadRecord } from '../../../lib/contracts/dataset.ts';
import { boundError } from '../../../lib/contracts/errors/bound-error.ts';
import { firstThatFit } from '../../../lib/contracts/fit-response.ts';
import { cutReport } from '../../../lib/datasets/report/cut-report.ts';

/** Versions of a data set that are told at most. */
const MOST = 1_000;
const VERSION_BYTES = 1_000_000;

/** A data set in a response: its newest versions, and the number of all if some are left out. */
export function presentDataset(record: DatasetRecord): DatasetRecord {
  const { versions } = record;
  const newest = firstThatFit(versions.toReversed(), { bytes: VERSION_BYTES, most: MOST }).toReversed();
  return newest.length === versions.length ? record : { ...record, versions: newest, versionCount: versions.length };
}

/** An upload in a response, with the first entries of each list of its report or its error. */
export function presentUpload(upload: UploadRecord): UploadRecord {
  return {
    ...upload,
    ...(upload.report && { report: cutReport(upload.report) }),
    ...(upload.error && { error: { ...upload.error, ...boundError(upload.error) } }),
  };
}
