import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobRecord } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { deleteCheckpoints } from '../../../lib/jobs/attempt-checkpoints.ts';
import { openEngine } from '../../../lib/pipeline/open-engine.ts';
import { startTensorFlow } from '../../../lib/tensor/start-tensorflow.ts';
import { testWorld } from '../../support/world.ts';

const at = '2026-11-27T12:00:00.000Z';
const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });
const job: JobRecord = { id: 'job-1', state: 'RUNNING', spec, createdAt: at, updatedAt: at, attempt: 1 };

/** Starts an attempt in an environment. @returns the name of the runtime, and the events of the log */
async function attempt(
  world: ReturnType<typeof testWorld>,
  engine: string,
  of = job,
): Promise<{ name: string; events: string[] }> {
  vi.stubEnv('GRAFT_ENGINE', engine);
  world.events.length = 0;
  const { runtime } = await openEngine(of, world);
  return { name: runtime.name, events: [...world.events] };
}

describe('the engine of a job', () => {
  let tensorflow = '';

  beforeEach(async () => {
    ({ name: tensorflow } = await startTensorFlow());
    vi.stubEnv('GRAFT_TENSORFLOW', '');
    return () => vi.unstubAllEnvs();
  });

  it('is that of its first attempt', async () => {
    for (const [engine, name] of [
      ['onnx', 'onnx'],
      ['tensorflow', tensorflow],
    ] as const) {
      const world = testWorld();
      expect(await attempt(world, engine)).toEqual({ name, events: ['runtime'] });
      expect(await attempt(world, '')).toEqual({ name, events: ['runtime'] });
    }
  });

  it('changes if the environment selects another one, with a line in the log, and for this attempt alone', async () => {
    const world = testWorld();
    await attempt(world, 'onnx');
    expect(await attempt(world, 'tensorflow')).toEqual({ name: tensorflow, events: ['runtime', 'runtime.changed'] });
    expect(await attempt(world, '')).toEqual({ name: 'onnx', events: ['runtime'] });
  });

  it('stays that of the job that a retry repeats', async () => {
    const world = testWorld();
    await attempt(world, 'onnx');
    const retry = { ...job, id: 'job-2', retryOf: job.id };
    expect(await attempt(world, 'tensorflow', retry)).toEqual({ name: tensorflow, events: ['runtime', 'runtime.changed'] });
    expect(await attempt(world, '', retry)).toEqual({ name: 'onnx', events: ['runtime'] });
  });

  it('is forgotten with the checkpoints of the job', async () => {
    const world = testWorld();
    await attempt(world, 'onnx');
    await deleteCheckpoints(job, world.store);
    expect((await attempt(world, 'tensorflow')).events).toEqual(['runtime']);
  });
});
