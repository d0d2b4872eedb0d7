import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { openSourceBuckets } from '../../lib/aws/s3-source-buckets.ts';
import { withExternalImages } from '../../lib/datasets/external/external-store.ts';
import { blobKey } from '../../lib/datasets/files/blob-key.ts';
import { runImport } from '../../lib/datasets/run-import.ts';
import { createUpload } from '../../lib/datasets/uploads/upload.ts';
import { openDataset } from '../../lib/datasets/versions/dataset-store.ts';
import { deploy } from '../support/aws/aws-deployment.ts';
import { deliverOne, lambdaContext } from '../support/aws/lambda-events.ts';
import { s3Client, uniqueName, useLocalStack } from '../support/aws/localstack.ts';
import { collectGarbage } from '../support/collect-garbage.ts';
import { externalImagesContract, someImages } from '../support/datasets/external-images-contract.ts';
import type { BucketUnderTest } from '../support/datasets/source-buckets.ts';
import { testWorld } from '../support/world.ts';

externalImagesContract('a bucket of S3', async () => {
  const client = s3Client();
  onTestFinished(() => client.destroy());
  return s3Bucket(client, uniqueName('photographs'));
});

test('an object that was written over is read as it was, where its bucket keeps versions', async () => {
  const client = s3Client();
  onTestFinished(() => client.destroy());
  const bucket = await s3Bucket(client, uniqueName('versioned'));
  const versioning = { Bucket: bucket.bucket, VersioningConfiguration: { Status: 'Enabled' } } as const;
  await client.send(new PutBucketVersioningCommand(versioning));
  const images = await someImages(['cat/1.png', 'dog/1.png']);
  for (const [path, bytes] of Object.entries(images)) await bucket.put(`pets/${path}`, bytes);
  const world = { ...testWorld(), buckets: bucket.buckets };
  const { id } = await createUpload({ name: 'pets', maxRefused: 0, source: `s3://${bucket.bucket}/pets` }, world);
  await runImport(id, world);
  await bucket.put('pets/cat/1.png', images['dog/1.png']!);
  await bucket.remove('pets/dog/1.png');
  const { store } = await withExternalImages('pets', world);
  for (const { path, sha256 } of (await openDataset('pets', store)).rows)
    expect(Buffer.from((await store.get(blobKey(sha256)))?.body ?? [])).toEqual(Buffer.from(images[path]!));
});

test('a bucket that is not there is said to be missing', async () => {
  const name = uniqueName('nowhere');
  const buckets = openSourceBuckets({ ...useLocalStack(), GRAFT_SOURCE_BUCKETS: name });
  onTestFinished(() => buckets.close());
  await expect(buckets.list(name, '', { limit: 1 })).rejects.toMatchObject({ code: 'SOURCE_BUCKET_MISSING' });
});

test('the import function imports images of an allowed prefix in as many calls as it needs, and of no other prefix', async () => {
  const environment = useLocalStack();
  const name = uniqueName('pets');
  environment.GRAFT_SOURCE_BUCKETS = `${name}/pets`;
  const { client, queues, sqs, functions, world } = await deploy();
  const s3 = s3Client();
  onTestFinished(() => s3.destroy());
  const bucket = await s3Bucket(s3, name);
  const images = await someImages(['cat/1.png', 'cat/2.png', 'dog/1.png', 'dog/2.png']);
  for (const [path, bytes] of Object.entries(images)) await bucket.put(`pets/${path}`, bytes);

  await expect(client.datasets.createUpload({ name: 'pets', source: `s3://${name}/others` })).rejects.toMatchObject({
    code: 'BUCKET_NOT_ALLOWED',
  });
  const { id } = await client.datasets.createUpload({ name: 'pets', source: `s3://${name}/pets` });
  await deliverOne(sqs, queues.imports.url, functions.import, lambdaContext(60));
  expect((await client.datasets.getUpload(id)).state).toBe('IMPORTING');
  await deliverOne(sqs, queues.imports.url, functions.import);
  const { state, report, error } = await client.datasets.getUpload(id);
  expect({ state, error }).toEqual({ state: 'READY', error: undefined });
  expect(report?.accepted).toBe(4);
  expect((await world.store.list('blobs/')).objects).toEqual([]);
  expect(await client.datasets.delete('pets')).toMatchObject({ dataset: 'pets' });
  expect(await collectGarbage(world)).toMatchObject({ places: 1 });
  expect(await bucket.keys()).toHaveLength(4);
});

async function s3Bucket(client: S3Client, bucket: string): Promise<BucketUnderTest> {
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const buckets = openSourceBuckets({ ...useLocalStack(), GRAFT_SOURCE_BUCKETS: bucket });
  onTestFinished(() => buckets.close());
  return {
    bucket,
    buckets,
    put: (Key, Body) => client.send(new PutObjectCommand({ Bucket: bucket, Key, Body })),
    remove: async (Key) => void (await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }))),
    async keys() {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
      return Contents.map(({ Key = '' }) => Key);
    },
  };
}
