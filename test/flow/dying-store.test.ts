import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { runJob } from '../../functions/train/run-job.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { blobKey } from '../../lib/datasets/files/blob-key.ts';
import { runImport } from '../../lib/datasets/run-import.ts';
import type { SourceFile } from '../../lib/datasets/sources/hash-file.ts';
import { listSource } from '../../lib/datasets/sources/list-source.ts';
import { addFiles, completeUpload, createUpload } from '../../lib/datasets/uploads/upload.ts';
import { resolveSpec } from '../../lib/estimates/resolve-spec.ts';
import { dispatchJob } from '../../lib/jobs/dispatch-job.ts';
import { readJob } from '../../lib/jobs/job-store.ts';
import { reconcileJobs } from '../../lib/jobs/reconcile-jobs.ts';
import { submitJob } from '../../lib/jobs/submit-job.ts';
import { workOnJob } from '../../lib/jobs/work-on-job.ts';
import { openUnpackFolder } from '../../lib/local/unpack-folder.ts';
import { readModel } from '../../lib/models/registry.ts';
import type { ObjectStore, World } from '../../lib/ports.ts';
import { trashPhotographs } from '../support/graft.ts';
import { recordingCompute, testWorld } from '../support/world.ts';

const never = new AbortController().signal;
const epochs = 2;

describe('a worker that dies at any of its writes', () => {
  test('leaves a job that the next attempt finishes, with one version', async () => {
    const world = testWorld();
    await importPhotographs(world);
    let survived = false;
    let deaths = 0;
    for (let write = 1; !survived; write++) {
      const name = `model-${write}`;
      const spec = JobSpec.parse({ name, dataset: 'trash', backbone: { inputSize: 32 }, training: { epochs } });
      const { id } = await submitJob(await resolveSpec(spec, world.store), world);
      const compute = recordingCompute();
      await dispatchJob(id, compute, world);

      const dying = { ...world, store: dyingStore(world.store, write) };
      await workOnJob({ job: id, attempt: 1 }, runJob, dying, never).catch(() => undefined);
      survived = !dying.store.isDead();
      if (!survived) {
        deaths++;
        await world.clock.advance(3600);
        await reconcileJobs(compute, world, { staleSeconds: 7200 });
        const attempt = await dispatchJob(id, compute, world);
        if (attempt !== undefined) await workOnJob({ job: id, attempt }, runJob, world, never);
      }

      expect((await readJob(id, world.store)).state, `after death at write ${write}`).toBe('SUCCEEDED');
      const { versions } = await readModel(name, world.store);
      expect(versions.map(({ version, job }) => [version, job])).toEqual([[1, id]]);
      expect(await world.store.head(`${versions[0]?.package}model.onnx`)).toBeDefined();
      expect(await reconcileJobs(compute, world, { staleSeconds: 7200 })).toBe(0);
    }
    expect(deaths).toBeGreaterThan(8);
  });
});

/** A store that fails for good at its nth write, as a process that is killed there sees no more of it. */
function dyingStore(store: ObjectStore, lastWrite: number): ObjectStore & { isDead(): boolean } {
  let writes = 0;
  const alive = <Args extends unknown[], Result>(act: (...args: Args) => Promise<Result>, isWrite: boolean) => {
    return async (...args: Args): Promise<Result> => {
      if (isWrite) writes++;
      if (writes >= lastWrite) throw new Error('the process is dead');
      return act(...args);
    };
  };
  return {
    ...store,
    get: alive(store.get, false),
    getRange: alive(store.getRange, false),
    list: alive(store.list, false),
    put: alive(store.put, true),
    delete: alive(store.delete, true),
    isDead: () => writes >= lastWrite,
  };
}

async function importPhotographs(world: World): Promise<void> {
  const source = await listSource(trashPhotographs, openUnpackFolder);
  const files: SourceFile[] = [];
  for await (const entry of source.entries) if (!('code' in entry)) files.push(entry);
  for (const { sha256, absolutePath } of files) await world.store.put(blobKey(sha256), await readFile(absolutePath));
  const { id } = await createUpload({ name: 'trash', maxRefused: 0.05 }, world);
  await addFiles(
    id,
    files.map(({ path, size, sha256 }) => ({ path, size, sha256 })),
    world,
  );
  await completeUpload(id, { parts: 1, files: files.length }, world);
  expect((await runImport(id, world)).state).toBe('READY');
}
