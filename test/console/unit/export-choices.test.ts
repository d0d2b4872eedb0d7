import { describe, expect, test } from 'vitest';
import { hasFormat, hasPrecisions } from '../../../console/export-choices.ts';
import type { ModelCard } from '../../../lib/contracts/model-card.ts';
import { exportFormats } from '../../../lib/contracts/model-export.ts';
import { precisions } from '../../../lib/contracts/precision.ts';
import { checkExport } from '../../../lib/model-exports/check-export.ts';
import { cardFor } from '../../support/models/scored-model.ts';
import { drawScores } from '../../support/models/scores.ts';

const labels = ['apple', 'birch'];
const card = cardFor(drawScores({ count: 12, classes: 2, seed: 1 }), labels);
const own = { version: { ref: 'other@1', backbone: 'mobilenet' } } as unknown as NonNullable<
  ModelCard['spec']['backbone']['own']
>;

describe('the console offers the formats and precisions that the API takes', () => {
  test.each<[string, ModelCard]>([
    ['a classifier', card],
    ['a one-class model', { ...card, task: 'one-class', labels: ['apple'] }],
    ['a backbone in int8', { ...card, backbone: { ...card.backbone, precision: 'int8' } }],
    ['an encoder of a user', { ...card, spec: { ...card.spec, backbone: { ...card.spec.backbone, own } } }],
  ])('%s', (_, of) => {
    const exported = {
      name: 'scored',
      version: 1,
      card: of,
      cardJson: new Uint8Array(),
      backbone: { ...of.backbone, isOwn: of.spec.backbone.own !== undefined, isInt8: of.backbone.precision === 'int8' },
    };
    for (const format of exportFormats)
      for (const precision of precisions) {
        const isOffered = hasFormat(of, format) && (precision === 'float32' || hasPrecisions(of, format));
        const check = () => checkExport(exported, { format, precision });
        if (isOffered) expect(check).not.toThrow();
        else expect(check).toThrow(expect.objectContaining({ code: expect.stringMatching(/^EXPORT_/) }));
      }
  });
});
