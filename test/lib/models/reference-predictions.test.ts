import { expect, test } from 'vitest';
import { decodeStack, encodeStack } from '../../../lib/images/pixel-stack.ts';
import { makeReferences, repeatReferences } from '../../../lib/models/reference-predictions.ts';
import { quantizeTrunk } from '../../../lib/quantization/quantize-trunk.ts';
import { randomStream } from '../../../lib/random.ts';
import { classifier } from '../../support/models/exported-model.ts';

const size = [24, 32] as const;
const images = Array.from({ length: 3 }, (_, image) => {
  const random = randomStream(image, 'pixels');
  return Float32Array.from({ length: 24 * 32 * 3 }, () => random.integer(256));
});

/** A classifier in int8, with enough labels for a matrix that int8 computes. */
async function int8Classifier(): Promise<Uint8Array> {
  const quantized = await quantizeTrunk(classifier(128), { pixels: images, height: size[0], width: size[1] });
  if ('why' in quantized) throw new Error(quantized.why);
  return quantized.onnx;
}

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

test('pixels in a PNG come back unchanged, and one of another size gives none', async () => {
  const png = await encodeStack(images, size);
  expect(await decodeStack(png, size)).toEqual(images);
  expect(await decodeStack(png, [24, 31])).toEqual([]);
});

test('the same model repeats its reference predictions', async () => {
  const made = await makeReferences(classifier(3), images, size);
  expect(made.predictions.probabilities.map((row) => row.length)).toEqual([3, 3, 3]);
  const files = { images: made.images, predictions: encode(made.predictions) };
  expect(await repeatReferences(classifier(3), files)).toEqual({ images: 3, largestDifference: expect.closeTo(0, 5), ok: true });
});

test.each([
  ['another model', async () => ({ onnx: classifier(3, { activation: 'Sigmoid' }) })],
  ['a model with another number of labels', async () => ({ onnx: classifier(4) })],
  ['other pixels', async () => ({ png: await encodeStack(images.toReversed(), size) })],
  ['a model with a second output', async () => ({ onnx: classifier(3, { novelty: true }), ok: true })],
])('%s is told from the reference', async (_, changed) => {
  const made = await makeReferences(classifier(3), images, size);
  const {
    onnx = classifier(3),
    png = made.images,
    ok = false,
  }: { onnx?: Uint8Array; png?: Uint8Array; ok?: boolean } = await changed();
  expect(await repeatReferences(onnx, { images: png, predictions: encode(made.predictions) })).toMatchObject({ images: 3, ok });
});

test('a model may have many labels', async () => {
  const { images: png } = await makeReferences(classifier(3), images, size);
  const probabilities = images.map(() => Array<number>(100_000).fill(1e-5));
  const predictions = encode({ height: size[0], width: size[1], probabilities });
  const predictBy = async () => probabilities.map((row) => row.with(99_999, 0.5));
  const repeated = await repeatReferences(classifier(3), { images: png, predictions }, { predictBy });
  expect(repeated).toEqual({ images: 3, largestDifference: expect.closeTo(0.5, 4), ok: false });
});

test('a probability that is not a number is the largest difference', async () => {
  const made = await makeReferences(classifier(3), images, size);
  const files = { images: made.images, predictions: encode(made.predictions) };
  const predictBy = async () => made.predictions.probabilities.with(1, [0, Number.NaN, 0]);
  expect(await repeatReferences(classifier(3), files, { predictBy })).toEqual({ images: 3, largestDifference: 1, ok: false });
});

test.each([
  ['float32', 0.01, false],
  ['int8', 0.01, true],
  ['int8', 0.03, false],
] as const)('a graph in %s whose probabilities move by %d: %s', async (precision, by, ok) => {
  const onnx = precision === 'int8' ? await int8Classifier() : classifier(3);
  const made = await makeReferences(onnx, images, size);
  const files = { images: made.images, predictions: encode(made.predictions) };
  const predictBy = async () => made.predictions.probabilities.map((row) => row.map((value) => value + by));
  expect(await repeatReferences(onnx, files, { predictBy })).toMatchObject({ ok });
});

test.each([
  ['is no PNG', async () => encode('no'), 'a file that is no PNG'],
  ['holds fewer images', async () => encodeStack(images.slice(1), size), '2 images of that size'],
])('a picture that %s is refused', async (_, png, received) => {
  const made = await makeReferences(classifier(3), images, size);
  const repeating = repeatReferences(classifier(3), { images: await png(), predictions: encode(made.predictions) });
  await expect(repeating).rejects.toMatchObject({ code: 'REFERENCES_UNREADABLE', received });
});
