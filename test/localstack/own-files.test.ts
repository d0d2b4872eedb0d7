import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { openS3Store } from '../../lib/aws/s3-store.ts';
import { makeBucket, s3Client, useLocalStack } from '../support/aws/localstack.ts';
import { root } from '../support/docs/pages.ts';
import { fixturePath } from '../support/fixtures.ts';
import { graftJson, scratchFolder, trashPhotographs } from '../support/graft.ts';

const weights = readFileSync(join(root, 'assets/efficientnet-lite0.safetensors'));
const sha256 = createHash('sha256').update(weights).digest('hex');

let client: S3Client;
/** The user's own, which no deployment knows. */
let bucket: string;
beforeAll(async () => {
  client = s3Client();
  bucket = await makeBucket(client, 'own');
  await put('weights/lite0.safetensors', weights);
  await put('encoders/onnx/vit.onnx', readFileSync(fixturePath('own-models/vit.onnx')));
  await put('encoders/preprocessor_config.json', new TextEncoder().encode(configuration));
  const folder = fixturePath('own-models/mobilenet');
  for (const file of readdirSync(folder)) await put(`tfjs/mobilenet/${file}`, readFileSync(join(folder, file)));
  return () => client.destroy();
});

const configuration = JSON.stringify({ image_mean: [0.5, 0.5, 0.5], image_std: [0.25, 0.25, 0.25], size: 32 });

test("weights import takes a user's own file in S3, with the user's own credentials", async () => {
  const address = `s3://${bucket}/weights/lite0.safetensors`;
  const imported = await graftJson(['weights', 'import', address, '--backbone', 'efficientnet_lite0'], here());
  expect(imported).toMatchObject({ backbone: 'efficientnet_lite0', name: 'lite0.safetensors', sha256, size: weights.length });
});

test("weights import brings a file into a deployment's bucket where the environment names it", async () => {
  const buckets = { data: await makeBucket(client, 'data'), models: await makeBucket(client, 'models') };
  const deployed = { GRAFT_API: 'http://127.0.0.1:1', GRAFT_DATA_BUCKET: buckets.data, GRAFT_MODEL_BUCKET: buckets.models };
  const address = `s3://${bucket}/weights/lite0.safetensors`;
  await graftJson(['weights', 'import', address, '--backbone', 'efficientnet_lite0'], { ...here(), ...deployed });
  expect(await openS3Store({ client, buckets }).head(`weights/sha256/${sha256}`)).toMatchObject({ size: weights.length });
});

/** What a LayersModel does not say itself. */
const ofLayersModel = (path: string): string[] => [
  '--backbone',
  path,
  '--own-mean',
  '0,0,0',
  '--own-std',
  '1,1,1',
  '--input-size',
  '64',
];

test.each([
  {
    what: 'weights',
    flags: (at: string) => ['--backbone', 'efficientnet_lite0', '--weights', `${at}/weights/lite0.safetensors`],
  },
  {
    what: 'an ONNX encoder with its configuration',
    flags: (at: string) => ['--backbone', `${at}/encoders/onnx/vit.onnx`, '--own-output', 'last_hidden_state'],
  },
  {
    what: "a LayersModel's folder",
    flags: (at: string) => ofLayersModel(`${at}/tfjs/mobilenet`),
  },
  {
    what: "a LayersModel's model.json",
    flags: (at: string) => ofLayersModel(`${at}/tfjs/mobilenet/model.json`),
  },
])('train takes $what from S3', async ({ flags }) => {
  const args = ['train', '--dataset', trashPhotographs, ...flags(`s3://${bucket}`), '--dry-run'];
  const planned = await graftJson(args, here());
  expect(planned).not.toHaveProperty('error');
  expect(planned.spec.backbone).toMatchObject(
    args.includes('--weights') ? { weights: sha256 } : { name: 'own', own: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } },
  );
  if (args.includes('last_hidden_state'))
    expect(planned.spec.backbone.own).toMatchObject({ mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] });
});

test.each([
  { key: 'weights/none.h5', code: 'FILE_NOT_FOUND' },
  { key: 'tfjs/mobilenet/model.json', code: 'WEIGHTS_FORMAT_UNKNOWN' },
])('says what is wrong with $key: $code', async ({ key, code }) => {
  const { error } = await graftJson(['weights', 'import', `s3://${bucket}/${key}`, '--backbone', 'efficientnet_lite0'], here());
  expect(error).toMatchObject({ code });
});

function here(): Record<string, string> {
  return {
    ...Object.fromEntries(Object.entries(useLocalStack()).map(([k, v]) => [k, v ?? ''])),
    GRAFT_DATA_DIR: scratchFolder(),
  };
}

async function put(Key: string, Body: Uint8Array): Promise<void> {
  await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
}
