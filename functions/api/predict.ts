import { z } from 'zod';
import { firstThatFit } from '../../lib/contracts/fit-response.ts';
import { PredictBody, PredictionResult, PredictQuery } from '../../lib/contracts/prediction.ts';
import { ModelRef } from '../../lib/contracts/reference.ts';
import { SpecError } from '../../lib/errors.ts';
import { applyThresholds } from '../../lib/inference/apply-thresholds.ts';
import { imagesTooLarge, readUri } from '../../lib/inference/read-uri.ts';
import type { NamedImage } from '../../lib/inference/served-model.ts';
import { IMAGE_BYTES, LABEL_BYTES, LABEL_BYTES_BESIDE_PICTURES } from './limits.ts';
import { route } from './route.ts';
import type { Services } from './services.ts';

export const predict = route(
  {
    method: 'POST',
    path: '/v1/models/{ref}/predict',
    about: 'Predicts images with a model: the bytes of one, or JSON with up to 32.',
    params: z.object({ ref: ModelRef }),
    query: PredictQuery,
    body: PredictBody,
    takesBytes: true,
    response: PredictionResult,
    problems: [403, 404, 422],
    idempotency: 'none',
  },
  async ({ params, query, body, bytes }, services) => {
    const { images, ...options } = body === undefined ? { images: oneImage(bytes), ...query } : await imagesOf(body, services);
    const { topK, precision, explain = false, explainLabel: label, explainOverlay: overlay, keep } = options;
    const servedOptions = { precision, keep, ...(explain && { explain: { label, overlay } }) };
    const result = await services.predictor.predict(params.ref, images, topK, servedOptions);
    const labelBytes = (overlay ? LABEL_BYTES_BESIDE_PICTURES : LABEL_BYTES) / Math.max(images.length, 1);
    const shown = result.predictions.map((prediction) => applyThresholds(prediction, options));
    return { ...result, predictions: shown.map((one) => ({ ...one, labels: firstThatFit(one.labels, { bytes: labelBytes }) })) };
  },
);

function oneImage(bytes: Uint8Array): NamedImage[] {
  if (bytes.length === 0) {
    throw new SpecError('BODY_EMPTY', {
      at: 'body',
      expected: 'the bytes of an image',
      received: '0 bytes',
      fix: 'send the file as the request body',
    });
  }
  if (bytes.length > IMAGE_BYTES) throw imagesTooLarge('body', IMAGE_BYTES);
  return [{ name: 'image', bytes }];
}

async function imagesOf(
  { images, ...options }: PredictBody,
  { world: { store }, ownBucket = 'graft' }: Services,
): Promise<Omit<PredictBody, 'images'> & { images: NamedImage[] }> {
  let remaining = IMAGE_BYTES;
  const named: NamedImage[] = [];
  for (const [index, image] of images.entries()) {
    const bytes =
      'uri' in image
        ? await readUri(image.uri, { ownBucket, store, maxBytes: remaining, totalBytes: IMAGE_BYTES })
        : Buffer.from(image.base64, 'base64');
    remaining -= bytes.length;
    if (remaining < 0) throw imagesTooLarge(`images.${index}`, IMAGE_BYTES);
    named.push({ name: image.name ?? ('uri' in image ? image.uri : `${index}`), bytes });
  }
  return { images: named, ...options };
}
