import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { Configured } from './read-graph.ts';

const rgb = z.tuple([z.number(), z.number(), z.number()]);
const positive = z.number().gt(0);
const deviations = z.tuple([positive, positive, positive]);
const side = z.int().min(1).max(2048);
const size = z.union([side.transform((pixels) => ({ height: pixels, width: pixels })), z.object({ height: side, width: side })]);

/** preprocessor_config.json, written by the image processors of Hugging Face's transformers. */
const Processor = z
  .object({
    image_mean: rgb,
    image_std: deviations,
    do_rescale: z.boolean().default(true),
    rescale_factor: z
      .number()
      .gt(0)
      .default(1 / 255),
    rescale_offset: z.literal(false).default(false),
    do_normalize: z.boolean().default(true),
    do_center_crop: z.boolean().default(false),
    do_flip_channel_order: z.boolean().default(false),
    crop_size: size.optional().catch(undefined),
    size: size.optional().catch(undefined),
  })
  .transform((config): Configured => {
    // Its mean and std apply to pixels times the factor; Graft's apply to pixels divided by 255.
    const unit = config.do_rescale ? 255 * config.rescale_factor : 255;
    const { height, width } = (config.do_center_crop ? config.crop_size : config.size) ?? {};
    return {
      mean: config.do_normalize ? perChannel(config.image_mean, unit) : [0, 0, 0],
      std: perChannel(config.do_normalize ? config.image_std : [1, 1, 1], unit),
      channels: config.do_flip_channel_order ? 'bgr' : 'rgb',
      ...(height !== undefined && width !== undefined && { inputSize: [height, width] }),
    };
  });

/** config.json of a timm model, with the preprocessing of its weights. */
const TimmConfig = z
  .object({ pretrained_cfg: z.object({ mean: rgb, std: deviations, input_size: z.tuple([z.literal(3), side, side]) }) })
  .transform(
    ({
      pretrained_cfg: {
        mean,
        std,
        input_size: [, height, width],
      },
    }): Configured => {
      return { mean, std, inputSize: [height, width] };
    },
  );

const kinds = [
  { file: 'preprocessor_config.json', schema: Processor },
  { file: 'config.json', schema: TimmConfig },
] as const;

/**
 * Reads mean, std and size from the configuration that was published with a model: in its folder, or in the parent of
 * a folder called `onnx`.
 * @returns an empty object if there is no configuration, or none with these settings
 */
export async function readPreprocessorConfig(model: string): Promise<Configured> {
  const folder = dirname(model);
  const folders = basename(folder) === 'onnx' ? [folder, dirname(folder)] : [folder];
  for (const { file, schema } of folders.flatMap((beside) => kinds.map((kind) => ({ ...kind, file: join(beside, kind.file) })))) {
    const parsed = schema.safeParse(await readJson(file));
    if (parsed.success) return parsed.data;
  }
  return {};
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function perChannel(values: readonly [number, number, number], unit: number): [number, number, number] {
  const [red, green, blue] = values;
  return [red / unit, green / unit, blue / unit];
}
