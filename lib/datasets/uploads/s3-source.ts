import { parseS3Address, type S3Location } from '../../contracts/object-address.ts';
import { asFolder } from '../../store/source-buckets.ts';
import { manifestKind } from '../labels/manifest-file.ts';

/** The source of a data set in S3: all objects below a prefix, or those that a manifest names. */
export interface S3Source {
  readonly bucket: string;
  /** Empty, or ends with "/"; paths in the data set are relative to it. */
  readonly prefix: string;
  /** The key of the manifest that names the images. */
  readonly manifest?: string;
}

/** @param address as `S3Address` */
export function sourceAt(address: string): S3Source {
  const { bucket = '', key = '' } = parseS3Address(address) ?? {};
  if (manifestKind(key) !== undefined) return { bucket, prefix: key.slice(0, key.lastIndexOf('/') + 1), manifest: key };
  return { bucket, prefix: asFolder(key) };
}

/**
 * The path of an object in a data set: its key relative to the source's prefix, or bucket and key for other objects.
 */
export function pathOfObject({ bucket, key }: S3Location, source: S3Source | undefined): string {
  const isBelow = source !== undefined && source.bucket === bucket && key.startsWith(source.prefix);
  return (isBelow ? key.slice(source.prefix.length) : `${bucket}/${key}`).normalize('NFC');
}
