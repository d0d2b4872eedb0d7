import { execFile } from 'node:child_process';
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { startLocalStack } from '../../infra/localstack/start-localstack.ts';
import { s3Settings } from '../../lib/aws/clients.ts';
import { forEachConcurrently } from '../../lib/concurrency.ts';
import { deployStorage } from '../support/aws/deploy-storage.ts';
import { type Bench, installedVersion, sizeFromEnvironment } from './bench.ts';
import { drawImages } from './draw-images.ts';
import { graftCommand } from './graft-command.ts';
import { inTurns, measurePairs, ratioOf, type Sides } from './measure-pairs.ts';
import { inScratch } from './scratch.ts';

const IMAGES = sizeFromEnvironment(10_000);
/** As `graft upload` does. */
const WRITTEN_AT_ONCE = 8;
const toAws = fileURLToPath(new URL('./upload-to-aws.ts', import.meta.url));

/**
 * Compares the upload and import of a folder to the local store with copying its files durably, and to LocalStack with
 * putting them into a bucket of LocalStack.
 */
export const upload: Bench = {
  name: 'upload',
  about:
    `${IMAGES} images of 64 pixels uploaded and imported, to the local store and to LocalStack, against copying and syncing ` +
    'the same files, and against putting them into a bucket of LocalStack',
  run: ({ pairs }) =>
    inScratch(async (folder) => {
      const images = join(folder, 'images');
      await drawImages(images, { count: IMAGES, classes: 10, side: 64 });
      const localStack = await startLocalStack({ tell: console.error });
      // The SDK and all commands that follow read these variables.
      Object.assign(process.env, localStack.environment);
      try {
        const compared = await measurePairs({
          pairs,
          measure: (pair) => measure(images, join(folder, `${pair}`), pair),
          ratios: {
            ratio: ratioOf('copy', 'graft'),
            cpu: ratioOf('copy', 'graft', 'cpuSeconds'),
            localStack: ratioOf('put', 'localStack'),
          },
        });
        return { ...compared, versions: { node: process.version, '@aws-sdk/client-s3': installedVersion('@aws-sdk/client-s3') } };
      } finally {
        await localStack.stop();
      }
    }),
};

/**
 * Measures each side once.
 * @param folder is created, and removed afterwards
 */
async function measure(images: string, folder: string, pair: number): Promise<Sides> {
  await mkdir(folder);
  // New buckets for each pair: images that a bucket has already are not sent again.
  const storage = await deployStorage(process.env, folder);
  const sides = await inTurns({
    async graft() {
      await graftCommand(Uploaded, ['upload', images, '--name', 'squares'], join(folder, 'data'));
      return undefined;
    },
    async copy() {
      await copyDurably(images, join(folder, 'copy'));
      return undefined;
    },
    async localStack() {
      const environment = { ...process.env, ...storage, POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' };
      const run = promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', toAws, images], {
        env: environment,
      });
      Uploaded.parse(JSON.parse((await run).stdout));
      return undefined;
    },
    async put() {
      await putAll(images, storage.GRAFT_MODEL_BUCKET);
      return undefined;
    },
  })(pair);
  await rm(folder, { recursive: true });
  return sides;
}

const Uploaded = z.looseObject({ digest: z.string() });

async function copyDurably(from: string, to: string): Promise<void> {
  await mkdir(to);
  await forEachConcurrently(await filesIn(from), WRITTEN_AT_ONCE, async (file) => {
    const handle = await open(join(to, basename(file)), 'w');
    await handle.writeFile(await readFile(file));
    await handle.sync();
    await handle.close();
  });
}

async function putAll(from: string, bucket: string): Promise<void> {
  const client = new S3Client(s3Settings(process.env));
  await forEachConcurrently(await filesIn(from), WRITTEN_AT_ONCE, async (file) => {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: basename(file), Body: await readFile(file) }));
  });
  client.destroy();
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
