import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { resizeBilinear } from './resize-bilinear.mjs';

const { labels, input, task, thresholds } = JSON.parse(await readFile(new URL('card.json', import.meta.url), 'utf8'));

let opened;

/** The session, opened at the first prediction. */
function openSession() {
  opened ??= readFile(new URL('model.onnx', import.meta.url)).then((onnx) => InferenceSession.create(onnx));
  return opened;
}

export { labels };

export async function predict(image) {
  const upright = sharp(image, { autoOrient: true, failOn: 'warning' }).flatten({ background: 'white' }).toColourspace('srgb');
  const { data, info } = await upright.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const pixels = resizeBilinear({ ...info, data }, input.height, input.width);
  const session = await openSession();
  const images = new Tensor('float32', pixels, [1, input.height, input.width, 3]);
  const { [session.outputNames[0]]: output } = await session.run({ [session.inputNames[0]]: images });
  return labels
    .map((label, i) => ({
      label,
      probability: output.data[i],
      ...(task === 'multi-label' && { given: output.data[i] >= (thresholds?.[i] ?? 0.5) }),
    }))
    .sort((a, b) => b.probability - a.probability);
}
