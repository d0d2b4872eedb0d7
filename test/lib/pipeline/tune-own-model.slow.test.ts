import { describe, expect, test } from 'vitest';
import { storeOwnModel } from '../../../lib/backbones/own/own-store.ts';
import type { JobProgress, JobRecord, JobResult } from '../../../lib/contracts/job.ts';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { resolveSpec } from '../../../lib/estimates/resolve-spec.ts';
import { fineTune } from '../../../lib/fine-tune.ts';
import { importSource } from '../../../lib/library/import-source.ts';
import { readCard, readHistory } from '../../../lib/models/model-package.ts';
import { exportOnnx } from '../../../lib/onnx/export-onnx.ts';
import { joinOnnx } from '../../../lib/onnx/join-onnx.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { openTraining } from '../../../lib/pipeline/open-training.ts';
import { planTraining } from '../../../lib/pipeline/plan-training.ts';
import { trainPlan } from '../../../lib/pipeline/train-plan.ts';
import { lossOf } from '../../../lib/pipeline/training-context.ts';
import type { World } from '../../../lib/ports.ts';
import { newId } from '../../../lib/store/new-id.ts';
import { readImage } from '../../support/datasets/read-image.ts';
import { trashPhotographs } from '../../support/graft.ts';
import { beginPublishing } from '../../support/models/begin-publishing.ts';
import { encoderBytes } from '../../support/weights/own-models.ts';
import { testWorld } from '../../support/world.ts';

type Asked = Omit<JobSpecInput, 'name' | 'dataset' | 'backbone'>;

const own = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } satisfies Partial<
  NonNullable<NonNullable<JobSpecInput['backbone']>['own']>
>;
const short: Asked = {
  split: { train: 0.6, validation: 0.2, test: 0.2 },
  training: { epochs: 3, batchSize: 16, optimizer: { name: 'adam', learningRate: 0.003 }, checkpointMinutes: 0.001 },
  fineTuning: { epochs: 3, learningRateFactor: 1 },
};

async function worldWith(encoder: string): Promise<{ world: World; sha256: string }> {
  const world = testWorld();
  await importSource(trashPhotographs, world, { name: 'trash' });
  return { world, sha256: await storeOwnModel(encoderBytes(encoder), world.store) };
}

async function jobOf(asked: Asked, sha256: string, world: World): Promise<JobRecord> {
  const backbone = { name: 'own', own: { sha256, ...own } };
  const spec = await resolveSpec(JobSpec.parse({ name: 'trash', dataset: 'trash', backbone, ...short, ...asked }), world.store);
  const at = world.clock.now().toISOString();
  return { id: newId('job', world.clock.now()), state: 'RUNNING', spec, createdAt: at, updatedAt: at, attempt: 1 };
}

const jobContext = {
  report: () => {},
  flush: async () => {},
  beginPublishing,
  signal: new AbortController().signal,
};

/** @param interruptions numbers of reports after which an attempt ends */
async function run(job: JobRecord, world: World, interruptions: readonly number[] = []): Promise<JobResult> {
  for (const [attempt, at] of [...interruptions, Number.POSITIVE_INFINITY].entries()) {
    const stop = new AbortController();
    let reports = 0;
    const report = ({ stage }: JobProgress): void => {
      if (stage === 'train') reports += 1;
      if (reports === at) stop.abort(new Error('the machine goes away'));
    };
    const running = fineTune({ ...job, attempt: attempt + 1 }, world, { ...jobContext, report, signal: stop.signal });
    if (at === Number.POSITIVE_INFINITY) return running;
    await expect(running).rejects.toThrow('the machine goes away');
  }
  throw new Error('no attempt');
}

describe("a user's own encoder that is fine-tuned", () => {
  test.each<[about: string, asked: Asked, cut: string]>([
    ['its top layers', { strategy: 'fine-tune-top' }, '/global_pool/flatten/Flatten_output_0'],
    ['all of its layers', { strategy: 'fine-tune-all' }, 'images'],
    ['its layers after a value', { freeze: { through: '/MaxPool_3_output_0' } }, '/MaxPool_3_output_0'],
  ])('%s: an interrupted job ends in the same bytes, and the loss falls', async (_, asked, cut) => {
    const { world, sha256 } = await worldWith('resnet');
    const calm = await run(await jobOf(asked, sha256, world), world);
    expect(calm).toMatchObject({ runtime: 'onnx', strategy: { cut } });
    const history = await readHistory(calm.package, world.store);
    expect(history.at(-1)?.loss).toBeLessThan(history[0]?.loss ?? 0);
    const disturbed = await run(await jobOf(asked, sha256, world), world, [2, 1]);
    const [first, second] = await Promise.all([calm, disturbed].map((result) => readCard(result, world.store)));
    expect(second?.modelDigest).toBe(first?.modelDigest);
  });

  test('the published graph computes the logits of the trained network', async () => {
    const { world, sha256 } = await worldWith('resnet');
    const context = await openTraining(await jobOf({ strategy: 'fine-tune-all' }, sha256, world), world, jobContext);
    const { network, model, trunk, examples, close } = await trainPlan(await planTraining(context), context);
    const { dataset, split } = context;
    const images = dataset.rows.map((image) => image.sha256);
    const batch = await examples.test.gather(split.test.map((_, i) => i));
    const { logits } = await network.evaluate(batch, lossOf(context.job));
    const joined = joinOnnx(trunk.onnx, exportOnnx(model, { inputName: 'features', outputName: 'logits' }));
    const session = await openSession(joined, { optimization: 'disabled' });
    const [height, width] = trunk.inputSize;
    for (const [i, row] of split.test.entries()) {
      const file = await world.store.get(blobKey(images[row] ?? ''));
      const pixels = await readImage(file?.body ?? new Uint8Array(), trunk);
      const { data } = await session.run(pixels, [1, height, width, 3]);
      for (const [label, value] of data.entries()) expect(logits[i * data.length + label]).toBeCloseTo(value, 4);
    }
    await session.close();
    await close();
  });
});
