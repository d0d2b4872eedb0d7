import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { fitToInput } from './fit-to-input.mjs';
import { sessionOptions } from './session-options.mjs';

const { labels, input, task, thresholds, novelty } = JSON.parse(await readFile(new URL('card.json', import.meta.url), 'utf8'));

let opened;

/** The session, opened at the first prediction. */
function openSession() {
  opened ??= createSession();
  return opened;
}

async function createSession() {
  return InferenceSession.create(await readFile(new URL('model.onnx', import.meta.url)), await sessionOptions());
}

export { labels };

export async function predict(image) {
  const upright = sharp(image, { autoOrient: true, failOn: 'warning' }).flatten({ background: 'white' }).toColourspace('srgb');
  const { data, info } = await upright.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const pixels = fitToInput({ ...info, data }, input);
  const session = await openSession();
  const images = new Tensor('float32', pixels, [1, input.height, input.width, 3]);
  const outputs = await session.run({ [session.inputNames[0]]: images });
  const probabilities = outputs[session.outputNames[0]].data;
  const pairs = labels.map((label, i) => ({
    label,
    probability: probabilities[i],
    ...(task === 'multi-label' && { given: probabilities[i] >= (thresholds?.[i] ?? 0.5) }),
  }));
  return { labels: pairs.sort((a, b) => b.probability - a.probability), ...describeNovelty(outputs.novelty?.data[0]) };
}

function describeNovelty(score) {
  return score === undefined ? {} : { known: score <= novelty.threshold, unknownScore: Math.max(0, score) };
}
