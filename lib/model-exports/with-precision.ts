import { ModelCard } from '../contracts/model-card.ts';
import type { Precision } from '../contracts/precision.ts';
import type { ObjectStore } from '../ports.ts';
import { decodeDocument } from '../store/documents.ts';
import type { ExportedModel } from './exported-model.ts';
import type { PrecisionOptions } from './reduce-precision.ts';

/**
 * Returns a model in a precision: itself for float32, else a smaller one, compared on the test images.
 * @param storeOf the store that has the images of a data set
 * @throws as reducePrecision
 */
export async function withPrecision(
  model: ExportedModel,
  storeOf: (dataset: string) => Promise<ObjectStore>,
  { precision, ...options }: Omit<PrecisionOptions, 'precision'> & { readonly precision: Precision },
): Promise<ExportedModel> {
  if (precision === 'float32') return model;
  const card = decodeDocument(ModelCard, `${model.name}@${model.version}`, model.cardJson).value;
  const { reducePrecision } = await import('./reduce-precision.ts');
  return reducePrecision(model, card, await storeOf(card.spec.dataset), { precision, ...options });
}
