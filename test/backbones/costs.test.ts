import { expect, test } from 'vitest';
import { sumOf } from '../../lib/arithmetic.ts';
import { buildBackbone } from '../../lib/backbones/build-backbone.ts';
import { catalogue } from '../../lib/backbones/catalogue.ts';
import { countCosts } from '../../lib/backbones/count-costs.ts';
import { listLayers } from '../../lib/backbones/list-layers.ts';
import { columnCount, isGrid, stageMaps } from '../../lib/freezing/stage-maps.ts';
import { startTensorFlow } from '../../lib/tensor/start-tensorflow.ts';

/** A variant a line. Run with -u to update the table. */
test('the table of costs is what the builders build', async () => {
  await startTensorFlow();
  const lines = catalogue.flatMap(({ name, variants }) =>
    variants.map(({ alpha }) => {
      const backbone = buildBackbone({ name, alpha });
      const cuts = countCosts(backbone);
      const wholeMapColumns = sumOf(
        stageMaps(backbone).filter((map) => !isGrid(map)),
        columnCount,
      );
      backbone.model.dispose();
      return JSON.stringify({ name, alpha, wholeMapColumns, cuts });
    }),
  );
  const table = new URL('../../lib/backbones/catalogue/costs.generated.json', import.meta.url).pathname;
  await expect(`[\n${lines.join(',\n')}\n]\n`).toMatchFileSnapshot(table);
});

/** A backbone a line: a width multiplier changes no name. Run with -u to update the table. */
test('the table of layers is what the builders build', async () => {
  await startTensorFlow();
  const lines = catalogue.map(({ name, variants }) => {
    const [line, ...others] = variants.map(({ alpha }) => layersLine(name, alpha));
    expect(new Set(others)).toEqual(new Set(others.length === 0 ? [] : [line]));
    return line;
  });
  const table = new URL('../../lib/backbones/catalogue/layers.generated.json', import.meta.url).pathname;
  await expect(`[\n${lines.join(',\n')}\n]\n`).toMatchFileSnapshot(table);
});

function layersLine(name: string, alpha: number): string {
  const backbone = buildBackbone({ name, alpha });
  const stages = listLayers(backbone).map(({ end, trainable, normalizations, others }) => ({
    end,
    trainable: trainable.join(' '),
    normalizations: normalizations.join(' '),
    others: others.join(' '),
  }));
  backbone.model.dispose();
  return JSON.stringify({ name, stages });
}
