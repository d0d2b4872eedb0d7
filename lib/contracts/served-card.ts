import { z } from 'zod';
import { Abstention } from './abstention.ts';
import { FittedCalibration } from './calibration.ts';
import { ModelTask } from './model-task.ts';
import { Name } from './names.ts';
import { NoveltyRecord } from './novelty.ts';

/** The members of a model card that predictions need. */
export const servedMembers = {
  model: Name,
  task: ModelTask,
  /** One label for `one-class`, otherwise two or more. */
  labels: z.array(z.string()).min(1),
  /** How the probabilities were calibrated. Absent in cards of earlier versions. */
  calibration: FittedCalibration.optional(),
  /**
   * For multi-label models, in label order: the probability from which a label is assigned, chosen on the calibration
   * images.
   */
  thresholds: z.array(z.number().min(0).max(1)).optional(),
  /**
   * How the model recognizes images unlike those of its data set. Absent if the job wanted none, and in cards of
   * earlier versions.
   */
  novelty: NoveltyRecord.optional(),
  /** The probabilities from which a model reaches a precision. Absent in cards of earlier versions. */
  abstention: Abstention.optional(),
  /** model.onnx takes float32 [batch, height, width, 3], RGB 0..255, and returns probabilities [batch, labels]. */
  input: z.strictObject({
    height: z.int(),
    width: z.int(),
    resize: z.literal('bilinear'),
    /** Whether an image of another aspect ratio is cropped in its middle. Absent: it is squeezed. */
    cropToAspectRatio: z.literal(true).optional(),
  }),
  /** SHA-256 of model.onnx. */
  modelDigest: z.string(),
};

/**
 * The part of a model card that predictions need. It is a module of its own, so that a process that predicts does not
 * build the schemas of the whole card at its start: they contain those of the job.
 */
export const ServedCard = z.object({
  ...servedMembers,
  /** Absent in the card of a backbone with its own ImageNet top. */
  modelDigest: servedMembers.modelDigest.optional(),
});
export type ServedCard = z.infer<typeof ServedCard>;
