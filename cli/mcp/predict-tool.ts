import { z } from 'zod';
import { ImagePrediction, PredictionExplanation, type PredictionResult, PredictOptions } from '../../lib/contracts/prediction.ts';
import { ModelRef } from '../../lib/contracts/reference.ts';
import { requests } from '../commands/image-requests.ts';
import { describePredictions, EXPLANATIONS_A_REQUEST, openPredictor, prepareModel } from '../commands/predict.ts';
import { readImage } from './read-image.ts';
import { defineTool } from './tool.ts';

const MOST_IMAGES = 32;
/** Rounds the shares of a heat map. */
const STEPS = 10_000;

/** Predicts image files of this machine. */
export const predictTool = defineTool({
  name: 'predict',
  title: 'Predict images',
  description:
    'Predicts image files of this machine with a model: labels with probabilities, whether the model abstains, and whether ' +
    'an image is unlike those of the data set (known: false).',
  input: z.strictObject({
    ref: ModelRef.describe('NAME, NAME@VERSION or NAME:ALIAS'),
    images: z.array(z.string().min(1).max(1024)).min(1).max(MOST_IMAGES).describe('Absolute paths of image files.'),
    ...PredictOptions.pick({ abstain: true, precision: true }).shape,
    topK: z.int().min(1).max(20).default(3).describe('Labels of each image.'),
    explain: z
      .boolean()
      .default(false)
      .describe('Also says where in each image the model found evidence for its label: a grid of shares.'),
    explainLabel: z.string().min(1).max(1024).optional().describe('With explain: the label; default: the most probable one.'),
  }),
  output: z.strictObject({
    model: z.string(),
    version: z.int(),
    predictions: z.array(ImagePrediction.extend({ explanation: PredictionExplanation.omit({ overlay: true }).optional() })),
  }),
  async run({ ref, images, topK, abstain, precision, explain, explainLabel }, { context, allowChanges }) {
    // It writes into the store, and may download weights.
    if (allowChanges) await prepareModel(ref, context);
    const options = { top: topK, ...(abstain !== undefined && { abstain }), ...(precision !== undefined && { precision }) };
    const explained = { ...(explain && { explain }), ...(explainLabel !== undefined && { explainLabel }) };
    const predictor = openPredictor(ref, options, context);
    const responses: PredictionResult[] = [];
    for await (const part of requests(images, explain ? EXPLANATIONS_A_REQUEST : MOST_IMAGES, readImage))
      responses.push(await predictor.predict(part, explained));
    const predictions = responses.flatMap((response) => response.predictions.map(withShortHeat));
    const [{ model, version } = { model: ref, version: 1 }] = responses;
    const shown = predictions.map(({ explanation: _, ...prediction }) => prediction);
    return { value: { model, version, predictions }, text: describePredictions({ predictions: shown }) };
  },
});

function withShortHeat({ explanation, ...prediction }: ImagePrediction): ImagePrediction {
  if (explanation === undefined) return prediction;
  const heat = explanation.heat.map((row) => row.map((share) => Math.round(share * STEPS) / STEPS));
  return { ...prediction, explanation: { ...explanation, heat } };
}
