import { z } from 'zod';
import { withRule } from './with-rule.ts';

/** One number a channel: red, green, blue. */
const rgb = z.tuple([z.number(), z.number(), z.number()]);
const positive = z.number().gt(0);

/** How a vector is made of what an encoder puts out: of a map, of all its tokens, or its first token, the class token. */
export const EncoderPooling = z.enum(['mean-map', 'mean-tokens', 'class-token']);
export type EncoderPooling = z.infer<typeof EncoderPooling>;

/** Where the channels lie in the images that a model takes. */
export const ImageLayout = z.enum(['NCHW', 'NHWC']);
export type ImageLayout = z.infer<typeof ImageLayout>;

/**
 * A model of the user's own as frozen backbone: which graph of the store, how images go in, and where features come out.
 * What is absent is read from the graph. Importing writes all of it out.
 */
export const OwnModel = withRule(
  z.strictObject({
    /** Of the ONNX file, which lies in the store under `own-models/<sha256>`. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits'),
    /** The value of the graph that holds the features: an output, or any other. */
    output: z.string().min(1).max(1024).optional(),
    /** What is taken from each channel of images whose values go from 0 to 1, as torchvision and timm say it. */
    mean: rgb.optional(),
    /** What each channel is divided by after that. */
    std: z.tuple([positive, positive, positive]).optional(),
    /** The order of the channels that the model takes; default `rgb`. */
    channels: z.enum(['rgb', 'bgr']).optional(),
    layout: ImageLayout.optional(),
    pooling: EncoderPooling.optional(),
    licence: z.string().min(1).max(200).optional(),
  }),
  'mean and std together',
  ({ mean, std }) => (mean === undefined) === (std === undefined),
  { path: ['std'] },
);
export type OwnModel = z.infer<typeof OwnModel>;
