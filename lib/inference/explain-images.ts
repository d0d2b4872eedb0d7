import { at } from '../arithmetic.ts';
import type { PredictionExplanation } from '../contracts/prediction.ts';
import { SpecError } from '../errors.ts';
import { drawOverlay } from '../explanation/draw-overlay.ts';
import type { Explainer, Heat } from '../explanation/explainer.ts';
import type { ServedCard } from '../models/model-package.ts';

/** What to explain of a prediction. */
export interface ExplainOptions {
  /** Default: each image's most probable label. */
  readonly label?: string | undefined;
  /** Whether to draw the heat over the image. */
  readonly overlay?: boolean | undefined;
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
 * @param image its bytes, and its pixels in the model's input size
 * @param probabilities float32 [labels]
 * @throws RuntimeError ONNX_RUN_FAILED
 */
export async function explainImage(
  explainer: Explainer,
  { bytes, pixels }: { readonly bytes: Uint8Array; readonly pixels: Float32Array },
  probabilities: Float32Array,
  { labels }: Pick<ServedCard, 'labels'>,
  { label, overlay = false }: ExplainOptions,
): Promise<PredictionExplanation> {
  const index = label === undefined ? probabilities.indexOf(Math.max(...probabilities)) : labels.indexOf(label);
  const heat = await explainer.explain({ pixels, probabilities, label: index });
  const picture = overlay ? await drawOverlay(bytes, heat) : undefined;
  return {
    label: labels[index] ?? '',
    method: heat.method,
    grid: [...heat.grid],
    heat: rowsOf(heat),
    ...(picture && { overlay: Buffer.from(picture).toString('base64') }),
  };
}

/** The heat as rows of numbers with four decimal places, from top to bottom. */
function rowsOf({ grid: [rows, columns], values }: Heat): number[][] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => Number(at(values, row * columns + column).toFixed(4))),
  );
}
