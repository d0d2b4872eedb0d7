// npm install onnxruntime-node sharp; node predict.mjs photo.jpg
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { fitToInput } from './fit-to-input.mjs';
import { sessionOptions } from './session-options.mjs';

const { labels, input, novelty } = JSON.parse(await readFile(join(import.meta.dirname, 'card.json'), 'utf8'));
const session = await InferenceSession.create(join(import.meta.dirname, 'model.onnx'), await sessionOptions());

async function predict(path) {
  const upright = sharp(path, { autoOrient: true }).flatten({ background: 'white' }).toColourspace('srgb');
  const { data, info } = await upright.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const pixels = fitToInput({ ...info, data }, input);
  const images = new Tensor('float32', pixels, [1, input.height, input.width, 3]);
  const [output, score] = Object.values(await session.run({ [session.inputNames[0]]: images }));
  const pairs = labels.map((label, i) => ({ label, probability: output.data[i] }));
  const known = score && { known: score.data[0] <= novelty.threshold };
  return { labels: pairs.sort((a, b) => b.probability - a.probability), ...known };
}

for (const path of process.argv.slice(2)) console.log(JSON.stringify({ image: path, ...(await predict(path)) }));
