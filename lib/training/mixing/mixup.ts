/**
 * mixup (Zhang et al., arXiv:1710.09412): interpolates every value of an example towards its partner's.
 * @param own values of the example, changed in place
 * @param share of itself that the example keeps
 */
export function mixup(own: Float32Array, partner: Float32Array, share: number): void {
  for (let i = 0; i < own.length; i++) own[i] = share * (own[i] ?? 0) + (1 - share) * (partner[i] ?? 0);
}
