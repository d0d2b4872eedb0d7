import type { ServedCard } from '../contracts/served-card.ts';
import { explainByMap } from '../explanation/explain-by-map.ts';
import type { ExplainedModel, Explainer, OpenExplainer } from '../explanation/explainer.ts';

/** Opens the explainer for the task of a model. @throws as OpenExplainer */
export async function explainerOf(
  { labels, input, task }: Pick<ServedCard, 'labels' | 'input' | 'task'>,
  source: Pick<ExplainedModel, 'session' | 'readOnnx' | 'openSession'>,
  openExplainer: OpenExplainer,
): Promise<Explainer> {
  const model: ExplainedModel = {
    inputSize: [input.height, input.width],
    labels: labels.length,
    exclusive: task !== 'multi-label',
    ...source,
  };
  return task === 'one-class' ? explainByMap(model) : openExplainer(model);
}
