/**
 * Discriminative learning rates (Howard & Ruder, arXiv:1801.06146): lower stages are more general, so they should
 * change less.
 * @param stages names of the layers, stage by stage from the images up
 * @param factor learning rate of a stage, divided by that of the stage above
 * @returns the factor of a layer's learning rate: 1 for the top stage, and for layers outside of all stages, such as a
 * head
 */
export function stageRates(stages: readonly (readonly string[])[], factor: number): (layer: string) => number {
  const rates = new Map(
    stages.flatMap((layers, stage) => layers.map((layer) => [layer, factor ** (stages.length - 1 - stage)] as const)),
  );
  return (layer) => rates.get(layer) ?? 1;
}
