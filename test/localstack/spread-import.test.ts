/** An import whose images Lambda functions check: the real functions over LocalStack. */
import { createHash } from 'node:crypto';
import { beforeAll, expect, test, vi } from 'vitest';
import { openDataset } from '../../lib/datasets/versions/dataset-store.ts';
import { type Deployment, deploy } from '../support/aws/aws-deployment.ts';
import { deliverOne, lambdaContext } from '../support/aws/lambda-events.ts';
import { imageNumber } from '../support/datasets/import-files.ts';

// The rule's own numbers would need thousands of images.
vi.mock('../../lib/estimates/spread-import.ts', () => ({
  LEAST_FILES: 2,
  spreadImport: (_: unknown, most: number) => ({ functions: most, seconds: 1, dollars: 0, reason: 'a test' }),
}));

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy();
});

test('functions check the images, and the import function joins their checks', async () => {
  const { client, sqs, queues, functions, world } = deployment;
  const images = await Promise.all(Array.from({ length: 5 }, (_, number) => imageNumber(number)));
  const upload = await client.datasets.createUpload({ name: 'pictures', maxRefused: 0 });
  const files = images.map((image, number) => ({
    path: `${number % 2 ? 'odd' : 'even'}/${number}.png`,
    size: image.length,
    sha256: createHash('sha256').update(image).digest('hex'),
  }));
  const { uploads } = await client.datasets.addFiles(upload.id, files);
  for (const file of uploads)
    await client.datasets.sendFile(file, images[files.findIndex(({ path }) => path === file.path)] ?? expect.fail());
  await client.datasets.complete(upload.id, { parts: 1, files: files.length });

  const importOne = () => deliverOne(sqs, queues.imports.url, functions.import);
  expect(await importOne()).toMatchObject({ taken: true });
  expect(await world.queues.imports.size(), 'it waits for the functions').toBe(0);
  expect(await client.datasets.getUpload(upload.id)).toMatchObject({ state: 'IMPORTING', spread: { functions: 2 } });
  expect(await deliverOne(sqs, queues.extractions.url, functions.extract, lambdaContext(180))).toMatchObject({ taken: true });
  expect(await importOne()).toMatchObject({ taken: true });
  expect(await client.datasets.getUpload(upload.id)).toMatchObject({ state: 'READY', report: { accepted: 5 } });
  expect((await openDataset('pictures', world.store)).rows.length).toBe(5);
});
