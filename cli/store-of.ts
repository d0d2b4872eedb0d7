import { withExternalImages } from '../lib/datasets/external/external-store.ts';
import { UsageError } from '../lib/errors.ts';
import type { ObjectStore } from '../lib/ports.ts';
import type { Context } from './context.ts';

/**
 * The store itself, for what the API does not offer.
 * @param others other ways to reach it, for the error
 * @throws UsageError STORE_NOT_LOCAL where it is not on this machine
 */
export function storeOf({ store, namedBy = 'GRAFT_API' }: Context, others = ''): ObjectStore {
  if (store !== undefined) return store;
  throw new UsageError('STORE_NOT_LOCAL', {
    at: namedBy,
    expected: 'a store on this machine',
    received: 'an API, whose store only its own machine reads',
    fix: `${others}run this without ${namedBy} on the machine that has the store`,
  });
}

/**
 * The store itself, with the images of a data set that stay in the user's own buckets. @throws UsageError
 * STORE_NOT_LOCAL
 */
export async function imagesOf(ref: string, context: Context, store = storeOf(context)): Promise<ObjectStore> {
  const images = await withExternalImages(ref, { store, ...(context.buckets && { buckets: context.buckets }) });
  return images.store;
}

/**
 * The store itself, for files that are brought to it: on this machine, or in the deployment's buckets where GRAFT_DATA_BUCKET and
 * GRAFT_MODEL_BUCKET name them, with the credentials of whoever runs the command.
 * @throws UsageError STORE_NOT_LOCAL
 */
export async function openStoreOf(context: Context): Promise<ObjectStore> {
  const { GRAFT_DATA_BUCKET: data, GRAFT_MODEL_BUCKET: models } = process.env;
  if (context.store !== undefined || !data || !models) return storeOf(context, namingBuckets);
  const [{ S3Client }, { s3Settings }, { openS3Store }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('../lib/aws/clients.ts'),
    import('../lib/aws/s3-store.ts'),
  ]);
  return openS3Store({ client: new S3Client(s3Settings(process.env)), buckets: { data, models } });
}

const namingBuckets = "set GRAFT_DATA_BUCKET and GRAFT_MODEL_BUCKET to the deployment's buckets, or ";
