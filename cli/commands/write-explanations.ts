import { mkdir, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { PredictionExplanation, PredictionResult } from '../../lib/contracts/prediction.ts';
import { unwritable } from '../files/unwritable.ts';

/** An explanation whose picture is in a file. */
export type WrittenExplanation = Omit<PredictionExplanation, 'overlay'> & { readonly file: string };

type Prediction = PredictionResult['predictions'][number];
export type WrittenPrediction = Omit<Prediction, 'explanation'> & { readonly explanation?: WrittenExplanation };

/** Writes the pictures of explanations into a folder. */
export interface ExplanationWriter {
  /** Writes DIRECTORY/IMAGE.LABEL.png. Images of the same name get a number. */
  write(prediction: Prediction): Promise<WrittenPrediction>;
}

/**
 * Creates the folder if it does not exist.
 * @throws UsageError FILE_UNWRITABLE
 */
export async function openExplanationWriter(directory: string): Promise<ExplanationWriter> {
  await mkdir(directory, { recursive: true }).catch((cause) => {
    throw unwritable(directory, 'a folder that can be written to', cause);
  });
  const written = new Set<string>();
  return {
    async write({ explanation, ...prediction }) {
      if (explanation === undefined) return prediction;
      const { overlay = '', ...rest } = explanation;
      const stem = [basename(prediction.image, extname(prediction.image)), rest.label].map(fileName).join('.');
      const file = join(directory, `${unique(stem, written)}.png`);
      await writeFile(file, Buffer.from(overlay, 'base64')).catch((cause) => {
        throw unwritable(file, 'a writable file', cause);
      });
      return { ...prediction, explanation: { ...rest, file } };
    },
  };
}

/** Replaces what may not be in the name of a file on every system, such as the slash of a label. */
function fileName(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N}._-]+/gu, '_').slice(0, 80) || '_';
}

function unique(stem: string, taken: Set<string>): string {
  let free = stem;
  for (let count = 2; taken.has(free); count++) free = `${stem}-${count}`;
  taken.add(free);
  return free;
}
