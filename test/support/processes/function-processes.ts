/** An extraction that processes of this machine share, as Lambda functions do in AWS. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { AnyJob } from '../../../lib/contracts/job.ts';
import { extractionOf } from '../../../lib/jobs/extraction/extraction-documents.ts';
import { readJob } from '../../../lib/jobs/job-store.ts';
import { storeDirectory } from '../../../lib/local/data-folder.ts';
import { openEmbeddedWorld } from '../../../lib/local/embedded-world.ts';
import { objectFile } from '../../../lib/local/file-store.ts';
import { openSqliteQueue } from '../../../lib/local/sqlite-queue.ts';
import { readDocument } from '../../../lib/store/documents.ts';
import { listKeys } from '../../../lib/store/list-keys.ts';
import { callsDocument, type PartCalls } from '../../../lib/store/parts/part-calls.ts';
import { systemClock } from '../../../lib/store/system-clock.ts';
import type { SpreadJob } from './spread-processes.ts';

const program = fileURLToPath(new URL('./function-process.ts', import.meta.url));
/** Later than what a killed process held is free again. */
const LATER_SECONDS = 600;

export interface FunctionRun {
  readonly imagesOfPart: number;
  readonly processes: number;
  /** How many of them are killed with SIGKILL, one after each shard that is stored. */
  readonly killed: number;
}

/** Divides the images of a started job into parts, and runs the parts in processes, again while some are killed. */
export async function runFunctions(job: SpreadJob, { imagesOfPart, processes, killed }: FunctionRun): Promise<void> {
  const queue = openSqliteQueue({ file: join(job.directory, 'extractions.sqlite'), clock: systemClock });
  await queue.send({ type: 'extract', job: job.id, attempt: 1 });
  queue.close();
  const start = (secondsAhead: number, most?: number): ChildProcess =>
    spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        program,
        job.directory,
        `${imagesOfPart}`,
        `${secondsAhead}`,
        `${most ?? 'Infinity'}`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
  await ended(start(0, 1));
  const folder = dirname(objectFile(storeDirectory(job.directory), `${job.features}0`));
  mkdirSync(folder, { recursive: true });
  const running = Array.from({ length: processes }, () => start(0));
  const shards = new Set<string>();
  const victims = running.slice(0, killed);
  const watcher = watch(folder, (_, name) => {
    // Names of unfinished files end differently.
    if (name === null || !/^[0-9a-f]{64}$/.test(name) || shards.has(name)) return;
    shards.add(name);
    victims.shift()?.kill('SIGKILL');
  });
  try {
    await Promise.all(running.map(ended));
  } finally {
    watcher.close();
  }
  await Promise.all(Array.from({ length: killed > 0 ? processes : 0 }, () => ended(start(LATER_SECONDS))));
}

async function ended(child: ChildProcess): Promise<void> {
  const log = child.stderr === null ? '' : text(child.stderr);
  const [status, signal] = await once(child, 'exit');
  if (status !== 0 && signal !== 'SIGKILL') throw new Error(`a process ended with status ${status}: ${await log}`);
}

/** The job, and the calls of its parts. */
export async function readFunctions({ directory, id }: SpreadJob): Promise<{ job: AnyJob; calls: PartCalls[] }> {
  const world = openEmbeddedWorld(directory, () => {});
  try {
    const calls: PartCalls[] = [];
    for await (const { key } of listKeys(world.store, extractionOf({ job: id, attempt: 1 }).callsPrefix)) {
      const record = await readDocument(world.store, callsDocument, key);
      if (record !== undefined) calls.push(record);
    }
    return { job: await readJob(id, world.store), calls };
  } finally {
    world.close();
  }
}
