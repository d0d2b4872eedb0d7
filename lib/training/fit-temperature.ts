const LOWEST = Math.log(0.25);
const HIGHEST = Math.log(4);

/**
 * The temperature that makes softmax(logits / temperature) fit the targets best (Guo et al., arXiv:1706.04599): the minimum of the
 * negative log-likelihood, which is convex in 1 / temperature, found by golden section over its logarithm.
 * @param logits float32 [images, classes]
 * @param targets float32 [images, classes], one-hot
 */
export function fitTemperature(logits: Float32Array, targets: Float32Array, classes: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [LOWEST, HIGHEST];
  while (high - low > 1e-4) {
    const span = (high - low) * golden;
    const [left, right] = [high - span, low + span];
    if (
      negativeLogLikelihood(logits, targets, classes, Math.exp(left)) <
      negativeLogLikelihood(logits, targets, classes, Math.exp(right))
    )
      high = right;
    else low = left;
  }
  return Math.exp((low + high) / 2);
}

function negativeLogLikelihood(logits: Float32Array, targets: Float32Array, classes: number, temperature: number): number {
  let total = 0;
  for (let start = 0; start < logits.length; start += classes) {
    const row = logits.subarray(start, start + classes);
    const highest = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const normalizer = Math.log(row.reduce((sum, logit) => sum + Math.exp((logit - highest) / temperature), 0));
    row.forEach((logit, index) => {
      total -= (targets[start + index] ?? 0) * ((logit - highest) / temperature - normalizer);
    });
  }
  return total;
}
