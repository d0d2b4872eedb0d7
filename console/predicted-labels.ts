import type { EvaluatedImage } from '../lib/contracts/evaluated-images.ts';
import type { ModelTask } from '../lib/contracts/model-task.ts';
import { text } from './strings.ts';

/** All labels of a prediction, as text. */
export function joinLabels(predicted: EvaluatedImage['predicted']): string {
  return predicted.length === 0 ? text.look.nothingPredicted : predicted.map(({ label }) => label).join(', ');
}

/** What a model predicts for an image: of exclusive classes the most probable one, of others all that it predicts. */
export function predictionOf({ predicted }: EvaluatedImage, task: ModelTask): string {
  return joinLabels(task === 'multi-label' ? predicted : predicted.slice(0, 1));
}
