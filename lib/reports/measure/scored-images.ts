/**
 * The scores of a version's evaluation, as a file of its package. A report needs no model and no features: it can be
 * made again from this file, the card and the data set.
 */
import { z } from 'zod';
import { DataError, RuntimeError } from '../../errors.ts';
import { readSafetensors, type Safetensors } from '../../safetensors/read-safetensors.ts';
import { writeSafetensors } from '../../safetensors/write-safetensors.ts';
import type { LabelledLogits } from '../../training/metrics/labelled-logits.ts';
import type { ImageGroups } from '../statistics/image-groups.ts';

const Counts = z.array(z.int().min(0));

/** What only the job knows, besides the scores. */
const EvaluationFacts = z.strictObject({
  part: z.enum(['test', 'held-out']),
  /** Number of all images of the part, of which the file may have a sample. */
  of: z.int().min(0),
  /** Numbers of images of each split, in all and by class. */
  splits: z.strictObject({ train: Counts, validation: Counts, test: Counts }),
  images: z.strictObject({ train: z.int(), validation: z.int(), test: z.int() }),
  leakingGroups: z.int().min(0),
  /** Of all images of the part, if they may have several labels. */
  meanAveragePrecision: z.number().optional(),
  /** On-Demand price of the machine that trained, in US dollars. Absent on a machine of the user's own. */
  dollarsPerHour: z.number().min(0).optional(),
  /** Scores of linear heads on some of the training images: see size-curve.ts. */
  sizes: z
    .strictObject({
      metric: z.enum(['accuracy', 'mean average precision']),
      evaluated: z.int(),
      available: z.int(),
      points: z.array(z.strictObject({ images: z.int(), scores: z.array(z.number()) })),
    })
    .optional(),
  /** Why there are no such scores. */
  sizesOmitted: z.string().optional(),
});
export type EvaluationFacts = z.infer<typeof EvaluationFacts>;
export type SizeScores = NonNullable<EvaluationFacts['sizes']>;

export interface ScoredImages {
  readonly facts: EvaluationFacts;
  /** Calibrated. */
  readonly scores: LabelledLogits;
  /** The index of each image among the data set's labelled images, in the order of the paths, from 0, [count]. */
  readonly rows: readonly number[];
  /** Which of these images are related, [count]. Absent if none are, and in files of earlier versions. */
  readonly groups?: NonNullable<ImageGroups>;
  /**
   * Novelty scores of some of these images, in no particular order. Absent if the model has no score, and in files of
   * earlier versions.
   */
  readonly novelty?: Float32Array;
}

/** Encodes scores as a safetensors file. Targets are class numbers, or ones and zeros for multi-label. */
export function encodeScores({ facts, scores, rows, groups, novelty }: ScoredImages): Uint8Array {
  const { task, count, classes, logits, targets } = scores;
  const stored =
    task === 'multi-label'
      ? { shape: [count, classes], data: targets }
      : { shape: [count], data: Float32Array.from(rows, (_, row) => targets.indexOf(1, row * classes) - row * classes) };
  const tensors = new Map([
    ['logits', { shape: [count, classes], data: logits }],
    ['targets', stored],
    ['rows', { shape: [count], data: Float32Array.from(rows) }],
  ]);
  if (groups !== undefined) tensors.set('groups', { shape: [count], data: Float32Array.from(groups) });
  if (novelty !== undefined) tensors.set('novelty', { shape: [novelty.length], data: novelty });
  return writeSafetensors(tensors, { facts: JSON.stringify(facts) });
}

/** Decodes a file of scores. @throws RuntimeError SCORES_UNREADABLE */
export function decodeScores(bytes: Uint8Array, at: string): ScoredImages {
  const { tensors, metadata } = readFile(bytes, at);
  const [logits, stored, rows] = ['logits', 'targets', 'rows'].map((name) => tensors.get(name));
  const facts = EvaluationFacts.safeParse(parseJson(metadata.facts ?? ''));
  const [count, classes] = logits?.shape ?? [];
  if (!facts.success || !logits || !stored || !rows || count === undefined || classes === undefined)
    throw unreadable(at, facts.error?.message ?? 'a file without logits, targets or rows');
  const task = stored.shape.length === 2 ? 'multi-label' : 'single-label';
  const [groups, novelty] = ['groups', 'novelty'].map((name) => tensors.get(name));
  return {
    facts: facts.data,
    scores: {
      task,
      count,
      classes,
      logits: logits.data,
      targets: task === 'multi-label' ? stored.data : oneHot(stored.data, classes),
    },
    rows: [...rows.data],
    ...(groups && { groups: [...groups.data] }),
    ...(novelty && { novelty: novelty.data }),
  };
}

/** The error of a damaged safetensors file does not name the version. */
function readFile(bytes: Uint8Array, at: string): Safetensors {
  try {
    return readSafetensors(bytes);
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    throw unreadable(at, 'a damaged safetensors file', cause);
  }
}

function unreadable(at: string, received: string, cause?: unknown): RuntimeError {
  return new RuntimeError('SCORES_UNREADABLE', {
    at,
    expected: 'scores as a training job writes them',
    received,
    fix: 'train the model again',
    cause,
  });
}

function oneHot(classOf: Float32Array, classes: number): Float32Array {
  const targets = new Float32Array(classOf.length * classes);
  for (const [row, of] of classOf.entries()) targets[row * classes + of] = 1;
  return targets;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
