/** Strategies that train no layer before the head. */
export const FROZEN_STRATEGIES: ReadonlySet<string> = new Set(['feature-extraction', 'stage-features', 'earlier-features']);
