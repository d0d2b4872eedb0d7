import type { OpenExplainer } from './explainer.ts';

/**
 * Opens an explainer as `openExplainer` does, and loads its module, which needs protobuf, only then: a process that
 * explains nothing starts faster.
 */
export const openExplainerLazily: OpenExplainer = async (model) => (await import('./open-explainer.ts')).openExplainer(model);
