import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  HeadBucketCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';

/**
 * Deletes a bucket with every version of every object. @returns the number of versions; undefined if there is no such
 * bucket
 */
export async function deleteBucket(
  name: string,
  region: string,
  onProgress: (deleted: number) => void,
): Promise<number | undefined> {
  const client = s3In(region);
  let deleted = 0;
  try {
    for (;;) {
      // Deleted versions are not listed again, so each page is the first.
      const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: name }));
      const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
      if (Objects.length === 0) break;
      const { Errors: [first] = [] } = await client.send(
        new DeleteObjectsCommand({ Bucket: name, Delete: { Objects, Quiet: true } }),
      );
      if (first !== undefined) throw new Error(`${first.Key}: ${first.Message}`);
      deleted += Objects.length;
      onProgress(deleted);
    }
    await client.send(new DeleteBucketCommand({ Bucket: name }));
    return deleted;
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchBucket') return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}

/** Whether there is a bucket with this name, also one without permission to read it. */
export async function bucketExists(name: string, region: string): Promise<boolean> {
  const client = s3In(region);
  try {
    await client.send(new HeadBucketCommand({ Bucket: name }));
    return true;
  } catch (error) {
    return !(error instanceof Error && /^(NotFound|NoSuchBucket)$/.test(error.name));
  } finally {
    client.destroy();
  }
}

function s3In(region: string): S3Client {
  return new S3Client({ region, forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined });
}
