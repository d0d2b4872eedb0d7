import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { z } from 'zod';
import { graftCommand } from './graft-command.ts';

const sample = fileURLToPath(new URL('../../assets/sample-trashnet', import.meta.url));
/** Side of the photograph in pixels: the input size of the bundled backbone. */
export const SIDE = 224;

export interface ServedSample {
  /** The data folder of the model `sample`. */
  readonly directory: string;
  /** The path of its graph, which contains the preprocessing. */
  readonly model: string;
  /** The path of a JPEG of 224 pixels. */
  readonly photograph: string;
  /** Its bytes. */
  readonly image: Buffer;
}

const FLAGS = ['--epochs', '2', '--strategy', 'feature-extraction'];

/** Trains a model on the bundled sample, and prepares a photograph for it. @param flags of `graft train` */
export async function serveSample(folder: string, flags: readonly string[] = FLAGS): Promise<ServedSample> {
  const directory = join(folder, 'data');
  const { report } = await graftCommand(
    z.looseObject({ report: z.string() }),
    ['train', '--dataset', sample, '--name', 'sample', ...flags, '--wait'],
    directory,
  );
  const [first = ''] = await readdir(join(sample, 'metal'));
  const photograph = join(folder, 'photograph.jpg');
  await writeFile(
    photograph,
    await sharp(join(sample, 'metal', first))
      .resize(SIDE, SIDE, { fit: 'fill' })
      .jpeg()
      .toBuffer(),
  );
  return { directory, model: join(dirname(report), 'model.onnx'), photograph, image: await readFile(photograph) };
}
