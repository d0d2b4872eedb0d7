import table from './catalogue/layers.generated.json' with { type: 'json' };
import { findRow } from './find-row.ts';
import type { StageLayers } from './list-layers.ts';

/**
 * Lists the layers of a backbone in the catalogue, stage by stage from the images on. Does not load TensorFlow.
 * @throws SpecError BACKBONE_UNKNOWN
 */
export function backboneLayers(name: string): StageLayers[] {
  const row = findRow(name);
  const stages = table.find((entry) => entry.name === row.name)?.stages ?? [];
  return stages.map(({ end, trainable, normalizations, others }) => ({
    end,
    trainable: words(trainable),
    normalizations: words(normalizations),
    others: words(others),
  }));
}

function words(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}
