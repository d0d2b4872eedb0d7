import { z } from 'zod';
import { withRules } from './explain/with-rules.ts';

/** One number per channel: red, green, blue. */
const rgb = z.tuple([z.number(), z.number(), z.number()]);
const positive = z.number().gt(0);
/** In characters. */
export const LONGEST_LICENCE = 200;

/**
 * How to reduce an encoder's output to a vector: the mean of a feature map, the mean of all tokens, or the class token
 * (the first one).
 */
export const EncoderPooling = z.enum(['mean-map', 'mean-tokens', 'class-token']);
export type EncoderPooling = z.infer<typeof EncoderPooling>;

/** The axis order of a model's input images. */
export const ImageLayout = z.enum(['NCHW', 'NHWC']);
export type ImageLayout = z.infer<typeof ImageLayout>;

/**
 * A user's own model as a backbone: the ONNX file, the preprocessing, and the features output. Absent members
 * are read from the graph. An import fills in all of them.
 */
export const OwnModel = withRules(
  z.strictObject({
    /** SHA-256 of the ONNX file, stored under `own-models/<sha256>`. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits'),
    /** The name of the graph value with the features: an output or an intermediate value. */
    output: z.string().min(1).max(1024).optional(),
    /** Subtracted from each channel of images with values 0..1, as in torchvision and timm. */
    mean: rgb.optional(),
    /** Each channel is divided by this after the subtraction. */
    std: z.tuple([positive, positive, positive]).optional(),
    /** The channel order of the model's input. Default: `rgb`. */
    channels: z.enum(['rgb', 'bgr']).optional(),
    layout: ImageLayout.optional(),
    pooling: EncoderPooling.optional(),
    /**
     * The value of the graph after which strategy `fine-tune-top` trains. Default: one with about a quarter of the
     * layers after it.
     */
    cut: z.string().min(1).max(1024).optional(),
    licence: z.string().min(1).max(LONGEST_LICENCE).optional(),
    /** The published version whose graph it is, instead of an imported file: `name: "model:REF"` fills it in. */
    version: z
      .strictObject({
        /** NAME@VERSION */
        ref: z.string().min(1).max(100),
        /**
         * The pretrained network whose published weights, fine-tuned or not, the version has. Absent if it has others,
         * and in specs of earlier versions of Graft.
         */
        backbone: z.string().min(1).max(100).optional(),
      })
      .optional(),
  }),
  {
    expected: 'mean and std together',
    holds: ({ mean, std }) => (mean === undefined) === (std === undefined),
    path: ['std'],
  },
);
export type OwnModel = z.infer<typeof OwnModel>;
