import type { Context } from '../context.ts';
import { EXIT, type Output, table } from '../output.ts';

export async function backbones({ client }: Context, output: Output): Promise<number> {
  const list = await client.backbones.list();
  const rows = list.backbones.map(({ name, parameters, inputSize, alphas, speed, licence, weights }) => [
    name,
    `${(parameters / 1e6).toFixed(1)} M`,
    `${inputSize.default} (${inputSize.minimum} or more)`,
    alphas.join(' '),
    speed === undefined ? '' : `${speed.class} (${speed.imagesPerSecond}/s)`,
    licence,
    weights.join(', '),
  ]);
  output.result(list, table([['BACKBONE', 'PARAMETERS', 'PIXELS', 'ALPHA', 'SPEED A CORE', 'LICENCE', 'WEIGHTS HERE'], ...rows]));
  return EXIT.done;
}

/** The layers at which a backbone can be cut, from the images up. */
export async function backbone(asked: string, { alpha }: { alpha?: number }, output: Output): Promise<number> {
  const { buildBackbone } = await import('../../lib/backbones/build-backbone.ts');
  const { startTensors } = await import('../../lib/tensor/start-tensors.ts');
  await startTensors();
  const { row, variant, cuts, inputSize, model } = buildBackbone({ name: asked, alpha });
  model.dispose();
  const { name } = row;
  const rows = cuts.map((cut) => [cut.name, cut.layer, `1/${cut.stride}`, `${cut.channels}`]);
  const text = [
    `${name}: ${(variant.parameters / 1e6).toFixed(1)} M parameters, ${inputSize.join('x')} pixels, ${row.licence}, ${row.paper}`,
    table([['STAGE', 'LAYER', 'SCALE', 'CHANNELS'], ...rows]),
  ];
  output.result(
    { name, parameters: variant.parameters, inputSize, licence: row.licence, paper: row.paper, cuts },
    text.join('\n'),
  );
  return EXIT.done;
}
