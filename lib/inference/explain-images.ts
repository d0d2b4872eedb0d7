import { argMax } from '../arithmetic.ts';
import type { PredictionExplanation } from '../contracts/prediction.ts';
import type { ServedCard } from '../contracts/served-card.ts';
import { SpecError } from '../errors.ts';
import type { DrawnHeat } from '../explanation/draw-overlay.ts';
import type { Explainer, Heat } from '../explanation/explainer.ts';
import type { CropWindow } from '../images/fit-to-input.ts';

/** What to explain of a prediction. */
export interface ExplainOptions {
  /** Default: each image's most probable label. */
  readonly label?: string | undefined;
  /** Whether to draw the heat over the image. */
  readonly overlay?: boolean | undefined;
}

/** An image as a model's input. */
export interface DecodedImage {
  /** float32 [height, width, 3], RGB 0..255 */
  readonly pixels: Float32Array;
  /** The part of the image that the model sees, as shares of its width and height. Undefined: all of it. */
  readonly crop: CropWindow | undefined;
}

/** @throws SpecError EXPLANATION_LABEL_UNKNOWN */
export function requireLabel({ label }: ExplainOptions, { labels, model }: Pick<ServedCard, 'labels' | 'model'>): void {
  if (label === undefined || labels.includes(label)) return;
  throw new SpecError('EXPLANATION_LABEL_UNKNOWN', {
    at: 'explainLabel',
    expected: `a label of ${model}: ${labels.slice(0, MOST_NAMED).join(', ')}${labels.length > MOST_NAMED ? ', ...' : ''}`,
    received: label,
    fix: 'choose one of its labels, or none for the most probable one',
  });
}

const MOST_NAMED = 20;

/**
 * Explains a prediction.
 * @param image its bytes, and its pixels as the model's input
 * @param probabilities float32 [labels]
 * @throws RuntimeError ONNX_RUN_FAILED
 */
export async function explainImage(
  explainer: Explainer,
  { bytes, pixels, crop }: DecodedImage & { readonly bytes: Uint8Array },
  probabilities: Float32Array,
  { labels }: Pick<ServedCard, 'labels'>,
  { label, overlay = false }: ExplainOptions,
): Promise<PredictionExplanation> {
  const index = label === undefined ? argMax(probabilities) : labels.indexOf(label);
  const heat = await explainer.explain({ pixels, probabilities, label: index });
  const picture = overlay ? await draw(bytes, { ...heat, crop }) : undefined;
  return {
    label: labels[index] ?? '',
    method: heat.method,
    grid: [...heat.grid],
    ...(crop && { crop }),
    heat: rowsOf(heat),
    ...(picture && { overlay: Buffer.from(picture).toString('base64') }),
  };
}

/** Draws over an image. This function imports its module, so that importing this one does not load libvips. */
async function draw(bytes: Uint8Array, heat: DrawnHeat): Promise<Uint8Array> {
  const { drawOverlay } = await import('../explanation/draw-overlay.ts');
  return drawOverlay(bytes, heat);
}

/** The values of a heat with four decimal places. */
export function roundHeat({ values }: Pick<Heat, 'values'>): Float64Array {
  return values.map((value) => Number(value.toFixed(4)));
}

/** The rounded heat as rows, from top to bottom. */
function rowsOf({ grid: [rows, columns], values }: Heat): number[][] {
  const rounded = roundHeat({ values });
  return Array.from({ length: rows }, (_, row) => [...rounded.subarray(row * columns, (row + 1) * columns)]);
}
