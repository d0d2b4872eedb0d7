import { z } from 'zod';
import { PredictBody } from '../../lib/contracts/http.ts';
import { ModelRef } from '../../lib/contracts/names.ts';
import { SpecError } from '../../lib/errors.ts';
import type { NamedImage } from '../../lib/models/served-model.ts';
import { invalid, route } from './route.ts';

export const predict = route(
  {
    method: 'POST',
    path: '/v1/models/{ref}/predict',
    about: 'What a model makes of images: the bytes of one, or JSON with up to 32.',
    params: z.object({ ref: ModelRef }),
    query: z.object({ topK: z.coerce.number().int().min(1).max(1000).default(5) }),
    rawBody: true,
  },
  async ({ params, query, bytes, contentType }, { predictor }) => {
    const { images, topK } = contentType.startsWith('application/json')
      ? imagesOf(bytes)
      : { images: oneImage(bytes), topK: query.topK };
    return predictor.predict(params.ref, images, topK);
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
  return [{ name: 'image', bytes }];
}

function imagesOf(bytes: Uint8Array): { images: NamedImage[]; topK: number } {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new SpecError('JSON_INVALID', {
      at: 'body',
      expected: 'a JSON document',
      fix: 'send JSON in UTF-8, or the bytes of an image',
      cause,
    });
  }
  const parsed = PredictBody.safeParse(value);
  if (!parsed.success) throw invalid(parsed.error, value, 'body');
  const images = parsed.data.images.flatMap((image, index) =>
    'base64' in image ? [{ name: image.name ?? `${index}`, bytes: Buffer.from(image.base64, 'base64') }] : [],
  );
  return { images, topK: parsed.data.topK };
}
