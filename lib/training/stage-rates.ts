/**
 * Discriminative rates (Howard & Ruder, arXiv:1801.06146): the lower a stage, the more of it holds for any image, and the less it
 * should move.
 * @param stages the layers' names, stage after stage from the images up
 * @param factor what the rate of a stage is multiplied by for the one below
 * @returns what a layer's learning rate is multiplied by: 1 for the top stage, and for what is in no stage, such as a head
 */
export function stageRates(stages: readonly (readonly string[])[], factor: number): (layer: string) => number {
  const rates = new Map(
    stages.flatMap((layers, stage) => layers.map((layer) => [layer, factor ** (stages.length - 1 - stage)] as const)),
  );
  return (layer) => rates.get(layer) ?? 1;
}
