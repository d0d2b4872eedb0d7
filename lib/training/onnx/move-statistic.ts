/** Moves a statistic of a BatchNormalization towards the value of a batch, in place: s = m s + (1 - m) v. */
export function moveStatistic(statistic: Float32Array, value: Float32Array | undefined, momentum: number): void {
  for (let i = 0; i < statistic.length; i++) statistic[i] = momentum * (statistic[i] ?? 0) + (1 - momentum) * (value?.[i] ?? 0);
}
