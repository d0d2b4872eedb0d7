import type { ExportedModel } from './exported-model.ts';

/** Says in a few words which network a model is built on: the pretrained one if it is known. */
export function describeBackbone({ name, isOwn = false, version }: ExportedModel['backbone']): string {
  if (name !== UNKNOWN || !isOwn) return name;
  return version ?? 'an imported encoder';
}

/** The name in a job spec of all networks that are not in the catalogue. */
const UNKNOWN = 'own';
