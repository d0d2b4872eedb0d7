import { expect } from 'vitest';
import type { Client } from '../../../lib/client/client.ts';
import { readResponseAs } from '../../../lib/client/response.ts';
import { PredictionResult } from '../../../lib/contracts/prediction.ts';
import { imagenetPrefix, readOnnx, readServedCard, writeServedModel } from '../../../lib/models/served-package.ts';
import { type Deployed, succeeded } from './deployed.ts';

/** A precision that the model stands for: with so few images, none that is trained here reaches one with certainty. */
const PRECISION = 0.8;
const PRECISE = 'imagenet.mobilenet_v2';

/**
 * The last step of `graft weights pull NAME --top`, which brings a published top here: the package of another model
 * stands for it.
 */
export async function prepareImagenetModel({ store }: Deployed): Promise<void> {
  const { versions } = JSON.parse(new TextDecoder().decode((await store.get('registry/trash.json'))?.body));
  const [{ package: prefix }] = versions;
  const card = await readServedCard({ package: prefix }, store);
  if (card === undefined) throw new Error(`no card below ${prefix}`);
  const abstention = { images: 60, targets: [{ precision: PRECISION, thresholds: [0.1], coverage: 1 }] };
  await writeServedModel(imagenetPrefix('mobilenet_v2'), { ...card, abstention }, await readOnnx(prefix, store), store);
}

const FORMATS = ['onnx', 'npm', 'web', 'keras'] as const;
const REFS = ['trash', 'trash@2', 'trash:prod', PRECISE];

export async function askOnce(client: Client, { send, store, ownBucket }: Deployed, photograph: Uint8Array): Promise<void> {
  await store.put('inputs/predict/photo.jpg', photograph);
  const [blob] = (await store.list('blobs/', { limit: 1 })).objects;
  const images = [
    { name: 'inline', bytes: photograph },
    ...['inputs/predict/photo.jpg', blob?.key].map((key) => ({ uri: `s3://${ownBucket}/${key}` })),
  ];
  for (const ref of REFS) {
    const answer = await client.models.predict(ref, images, { topK: 2, threshold: 0, abstain: 0, keep: true });
    expect(answer.predictions.map(({ labels }) => labels.length)).toEqual([2, 2, 2]);
  }
  const { labels: known } = (await client.models.predict('trash', images.slice(0, 1))).predictions[0] ?? {};
  const explainLabel = known?.at(-1)?.label ?? '';
  const explaining = { explain: true, explainLabel, precision: PRECISION };
  const explained = await client.models.predict(PRECISE, images, explaining);
  expect(explained.predictions.map(({ explanation }) => explanation?.label)).toEqual(images.map(() => explainLabel));
  const drawn = await client.models.predict(PRECISE, images.slice(0, 1), { ...explaining, explainOverlay: true });
  expect(drawn.predictions[0]?.explanation?.overlay).toBeDefined();
  const explain = `explain=true&explainLabel=${encodeURIComponent(explainLabel)}&explainOverlay=true`;
  const url = `/v1/models/${PRECISE}/predict?topK=6&threshold=0&abstain=0&precision=${PRECISION}&keep=false&${explain}`;
  const raw = await send({ method: 'POST', url, headers: { 'content-type': 'image/jpeg' }, body: photograph });
  const probabilities = readResponseAs(PredictionResult, raw).predictions.flatMap(({ labels }) =>
    labels.map(({ probability }) => probability),
  );
  expect(probabilities).toHaveLength(6);
  expect(probabilities.reduce((sum, probability) => sum + probability)).toBeCloseTo(1, 5);
}

export async function askByJobs(
  client: Client,
  { store, ownBucket, sourceBucket }: Deployed,
  { photograph, digest }: { photograph: Uint8Array; digest: string },
): Promise<void> {
  await store.put('inputs/batch/photo.jpg', photograph);
  const blobs = (await store.list('blobs/', { limit: 1 })).objects[0]?.key.slice(0, 'blobs/00/'.length) ?? '';
  const datasets = ['trash', 'placed:latest', `trash@${digest}`];
  const prefixes = ['inputs/batch/', blobs, `s3://${ownBucket}/inputs/batch/`, `s3://${sourceBucket}/placed/glass/`];
  const wishes = { topK: 1, threshold: 0, abstain: 0 };
  const asked = [...datasets.map((dataset) => ({ dataset })), ...prefixes.map((prefix) => ({ prefix }))];
  const jobs: { id: string }[] = [];
  for (const [index, images] of asked.entries())
    jobs.push(await client.models.batchPredict(REFS[index % REFS.length] ?? '', { ...images, ...wishes }));
  jobs.push(await client.models.batchPredict(PRECISE, { prefix: 'inputs/batch/', ...wishes, precision: PRECISION }));
  for (const { id } of jobs) {
    const job = await succeeded(client, id);
    expect(job.result, JSON.stringify(job)).toMatchObject({ failed: 0, images: expect.toSatisfy((images) => images > 0) });
    for (const file of (await client.jobs.files(id)).files) await client.fetchFile(file);
  }
  const measured: { id: string }[] = [];
  for (const [index, ref] of REFS.entries()) measured.push(await client.models.evaluate(ref, datasets[index % 3] ?? ''));
  for (const { id } of measured) await succeeded(client, id);
  for (const [index, ref] of REFS.entries()) {
    const reduced = ref === PRECISE ? {} : { precision: 'float16' as const, maxLoss: 1 };
    const { id } = await client.models.export(ref, { format: FORMATS[index] ?? 'onnx', ...reduced });
    await succeeded(client, id);
    const { files } = await client.jobs.files(id);
    expect(files).toHaveLength(1);
    for (const file of files) await client.fetchFile(file);
  }
}
