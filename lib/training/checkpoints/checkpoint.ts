import { z } from 'zod';
import { EpochRecord } from '../../contracts/model-card.ts';
import { ConflictError } from '../../errors.ts';
import { readSafetensors, type Safetensors } from '../../safetensors/read-safetensors.ts';
import { writeSafetensors } from '../../safetensors/write-safetensors.ts';
import type { Snapshot } from '../snapshot.ts';

/** The position of a training run. Random values follow from the seed and the position, so none are stored. */
export const Progress = z.strictObject({
  /** Records of the finished epochs. */
  history: z.array(EpochRecord),
  /** Batches of the current epoch that were trained on; always complete updates. */
  batches: z.int().min(0),
  /** Sums over the examples of those batches. */
  totals: z.strictObject({ examples: z.number(), loss: z.number(), accuracy: z.number() }),
  /** Updates of the optimizer since the start. */
  iterations: z.int().min(0),
});
export type Progress = z.infer<typeof Progress>;

/** Everything that a training run needs to continue as if it had not been interrupted. */
export interface Checkpoint {
  /** The model, the settings and the data: only the same run may continue from here. */
  readonly run: string;
  /** Name and versions of the runtime: another runtime gives other bits. */
  readonly runtime: Readonly<Record<string, string>>;
  readonly progress: Progress;
  readonly weights: Snapshot;
  readonly slots: Snapshot;
  /** Weights of the best epoch so far, unless that is the epoch that just ended. */
  readonly best: Snapshot | undefined;
}

const groups = ['weights', 'slots', 'best'] as const;

/** The header lists every tensor up to four times, and includes the history. */
const MOST_HEADER_BYTES = 100_000_000;

/** Encodes a checkpoint as safetensors. */
export function encodeCheckpoint({ run, runtime, progress, ...tensors }: Checkpoint): Uint8Array {
  const named = groups.flatMap((group) =>
    [...(tensors[group] ?? [])].map(([name, { shape, values }]) => [`${group}/${name}`, { shape, data: values }] as const),
  );
  return writeSafetensors(new Map(named), { run, runtime: JSON.stringify(runtime), progress: JSON.stringify(progress) });
}

/**
 * Reads how many epochs a checkpoint of any training has finished.
 * @throws DataError SAFETENSORS_DAMAGED
 */
export function finishedEpochs(bytes: Uint8Array): number {
  return progressIn(readSafetensors(bytes, { mostHeaderBytes: MOST_HEADER_BYTES }).metadata).history.length;
}

function progressIn(metadata: Safetensors['metadata']): Progress {
  return Progress.parse(JSON.parse(metadata.progress ?? '{}'));
}

/**
 * Decodes a checkpoint.
 * @throws ConflictError CHECKPOINT_MISMATCH if it does not belong to `run`
 * @throws DataError SAFETENSORS_DAMAGED
 */
export function decodeCheckpoint(bytes: Uint8Array, run: string): Checkpoint {
  const { tensors, metadata } = readSafetensors(bytes, { mostHeaderBytes: MOST_HEADER_BYTES });
  if (metadata.run !== run) {
    throw new ConflictError('CHECKPOINT_MISMATCH', {
      expected: 'a checkpoint of this training',
      received: metadata.run === undefined ? 'a file that is no checkpoint' : 'one of other data, layers or settings',
      fix: 'remove the checkpoint to start this training from its beginning',
    });
  }
  const pick = (group: string): Snapshot =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(`${group}/`))
        .map(([name, { shape, data }]) => [name.slice(group.length + 1), { shape, values: data }]),
    );
  const best = pick('best');
  return {
    run,
    runtime: z.record(z.string(), z.string()).parse(JSON.parse(metadata.runtime ?? '{}')),
    progress: progressIn(metadata),
    weights: pick('weights'),
    slots: pick('slots'),
    best: best.size > 0 ? best : undefined,
  };
}
