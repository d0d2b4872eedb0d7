import { describe, expect, test } from 'vitest';
import { checkTuning } from '../../../../lib/backbones/own/check-tuning.ts';
import { cutPoints } from '../../../../lib/backbones/own/cut-points.ts';
import { storeOwnModel } from '../../../../lib/backbones/own/own-store.ts';
import { findOwnCut, type OwnBackboneSpec, readTrainable } from '../../../../lib/backbones/own/read-trainable.ts';
import { JobSpec, type JobSpecInput } from '../../../../lib/contracts/job-spec.ts';
import { estimateJob } from '../../../../lib/estimates/estimate-job.ts';
import { resolveBackbone } from '../../../../lib/estimates/resolve-backbone.ts';
import { writeAttribute } from '../../../../lib/onnx/attribute.ts';
import type { OnnxAttribute, OnnxModel, OnnxNode } from '../../../../lib/onnx/onnx-model.ts';
import { encodeModel } from '../../../../lib/onnx/protobuf.ts';
import { valueInfo } from '../../../../lib/onnx/value-info.ts';
import { datasetReport } from '../../../support/datasets/dataset-report.ts';
import { changed, encoderBytes } from '../../../support/weights/own-models.ts';
import { testWorld } from '../../../support/world.ts';

const normalized = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } satisfies Partial<OwnBackboneSpec['own']>;

async function imported(bytes: Uint8Array, { output, inputSize }: { output?: string; inputSize?: number } = {}) {
  const { store } = testWorld();
  const own = { sha256: await storeOwnModel(bytes, store), ...normalized, ...(output !== undefined && { output }) };
  return { spec: { own, ...(inputSize !== undefined && { inputSize }) } satisfies OwnBackboneSpec, store };
}

/** The small ResNet with a chain of nodes after it, whose last value is the output. */
async function chainOf(length: number) {
  const bytes = changed('resnet', (model) => {
    const [output] = model.graph.output;
    const names = [output?.name ?? '', ...Array.from({ length }, (_, i) => `chained${i}`)];
    const chain = names.slice(1).map((name, i) => ({ opType: 'Relu', input: [names[i] ?? ''], output: [name], attribute: [] }));
    return { ...model, graph: { ...model.graph, node: [...model.graph.node, ...chain] } };
  });
  const { spec, store } = await imported(bytes, { output: `chained${length - 1}` });
  return [spec, store] as const;
}

describe('where an encoder can be cut', () => {
  test('is after the images, and wherever one value alone leads on: not within a residual block', async () => {
    const { spec, store } = await imported(encoderBytes('resnet'));
    const points = cutPoints(await readTrainable(spec, store));
    expect(points.map(({ value, layers }) => [value, layers])).toEqual([
      ['input0', 4],
      ['/Conv_0_output_0', 3],
      ['/BatchNormalization_1_output_0', 3],
      ['/Relu_2_output_0', 3],
      ['/MaxPool_3_output_0', 3],
      ['/Add_9_output_0', 1],
      ['/Relu_10_output_0', 1],
      ['/GlobalAveragePool_11_output_0', 1],
      ['/global_pool/flatten/Flatten_output_0', 1],
    ]);
  });

  test('is found in a chain of 20,000 nodes, in one pass', async () => {
    const points = cutPoints(await readTrainable(...(await chainOf(20_000))));
    const { value, layers } = points.at(-1) ?? expect.fail();
    expect([points[0]?.layers, points.length, value, layers]).toEqual([4, 20_009, 'chained19998', 0]);
  });

  test('of more than 50,000 nodes is refused', async () => {
    await expect(findOwnCut('top', ...(await chainOf(50_001)))).rejects.toMatchObject({
      code: 'OWN_MODEL_TOO_LARGE',
      expected: expect.stringContaining('nodes'),
    });
  });

  test('a value within a block is refused, with values that can be named', async () => {
    const { spec, store } = await imported(encoderBytes('resnet'));
    const found = findOwnCut({ through: '/Relu_6_output_0', at: 'freeze.through' }, spec, store);
    await expect(found).rejects.toMatchObject({
      code: 'OWN_MODEL_CUT_UNKNOWN',
      at: 'freeze.through',
      expected: expect.stringContaining('/MaxPool_3_output_0'),
    });
  });

  test.each([
    ['vit', 'pooler_output', 'Expand', '/Concat_7_output_0'],
    ['clip', 'image_embeds', 'Expand', '/Concat_7_output_0'],
  ])(
    'to train all of %s, the error names the operator without a gradient and the earliest cut',
    async (name, output, operator, cut) => {
      const { spec, store } = await imported(encoderBytes(name), { output, inputSize: 32 });
      await expect(findOwnCut('all', spec, store)).rejects.toMatchObject({
        code: 'OWN_MODEL_NOT_TRAINABLE',
        at: expect.stringContaining(`(${operator})`),
        received: operator,
        fix: expect.stringContaining(`freeze.through: "${cut}"`),
      });
      expect(await findOwnCut({ through: cut, at: 'freeze.through' }, spec, store)).toBe(cut);
    },
  );

  test.each(['half', 'quantized', 'bytes'])('%s has no layer that can train: it stays frozen', async (name) => {
    const { spec, store } = await imported(encoderBytes(name));
    for (const wanted of ['top', 'all'] as const) {
      await expect(findOwnCut(wanted, spec, store)).rejects.toMatchObject({
        code: 'OWN_MODEL_NOT_TRAINABLE',
        fix: expect.stringContaining('frozen'),
      });
    }
  });

  test('a graph that takes one image at a time cannot train', async () => {
    const { spec, store } = await imported(encoderBytes('fixed-batch'));
    await expect(checkTuning(spec, store)).rejects.toMatchObject({
      code: 'OWN_MODEL_NOT_TRAINABLE',
      received: 'one that runs on one image at a time',
    });
  });
});

describe('a job that fine-tunes it', () => {
  const resolve = async (asked: Partial<JobSpecInput>, name = 'resnet', output?: string) => {
    const { spec, store } = await imported(encoderBytes(name), { ...(output !== undefined && { output }) });
    const parsed = JobSpec.parse({ name: 'a', dataset: 'a', backbone: { name: 'own', ...spec }, ...asked });
    return { ...parsed, ...(await resolveBackbone(parsed, store)) };
  };

  test('has the cut written out, and an estimate', async () => {
    const spec = await resolve({ strategy: 'fine-tune-top' });
    expect(spec.backbone.own?.cut).toBe('/global_pool/flatten/Flatten_output_0');
    const frozen = estimateJob(await resolve({}), datasetReport(500));
    const { seconds, plans } = estimateJob(spec, datasetReport(500));
    expect(plans?.map(({ strategy }) => strategy)).toContain('fine-tune-top');
    expect(seconds).toBeGreaterThan(frozen.seconds);
    expect(estimateJob(await resolve({ strategy: 'fine-tune-all' }), datasetReport(500)).seconds).toBeGreaterThan(seconds);
  });

  test.each<[asked: Partial<JobSpecInput>, strategy: string]>([
    [{}, 'feature-extraction'],
    [{ freeze: 'all' }, 'auto'],
    [{ freeze: 'none' }, 'auto'],
    [{ freeze: { through: '/MaxPool_3_output_0' } }, 'auto'],
  ])('with %o has no cut of a strategy', async (asked, strategy) => {
    const resolved = await resolve(asked);
    expect(resolved.backbone.own).not.toHaveProperty('cut');
    expect(resolved.strategy).toBe(strategy);
  });

  test('is refused at its submission if an operator has no gradient', async () => {
    await expect(resolve({ strategy: 'fine-tune-all' }, 'vit', 'pooler_output')).rejects.toMatchObject({
      code: 'OWN_MODEL_NOT_TRAINABLE',
    });
  });
});

describe('the conversion to opset 20', () => {
  const node = (opType: string, input: string[], output: string[], attribute: OnnxAttribute[] = []): OnnxNode => ({
    name: output[0] ?? '',
    opType,
    input,
    output,
    attribute,
  });
  const kernel = {
    name: 'kernel',
    dims: [4, 3, 3, 3],
    dataType: 1,
    floatData: Array.from({ length: 108 }, (_, i) => Math.sin(i)),
  };
  const model = (nodes: OnnxNode[], version: number): OnnxModel => ({
    irVersion: 7,
    opsetImport: [{ domain: '', version }],
    metadataProps: [],
    graph: {
      name: 'old',
      node: [
        node(
          'Conv',
          ['images', 'kernel'],
          ['map'],
          [writeAttribute('auto_pad', 'SAME_UPPER'), writeAttribute('strides', [2, 2])],
        ),
        ...nodes,
      ],
      initializer: [kernel],
      input: [valueInfo('images', [null, 3, 15, 16])],
      output: [{ name: 'features' }],
      valueInfo: [],
    },
  });

  test('keeps what a graph of opset 11 computes, and makes all of it trainable', async () => {
    const nodes = [
      node('Dropout', ['map'], ['kept'], []),
      node('ReduceMean', ['kept'], ['mean'], [writeAttribute('axes', [2, 3]), writeAttribute('keepdims', 1)]),
      node('Squeeze', ['mean'], ['squeezed'], [writeAttribute('axes', [2, 3])]),
      node('Softmax', ['squeezed'], ['shares']),
      node('Constant', [], ['two'], [{ name: 'value_float', type: 1, f: 2 }]),
      node('Mul', ['shares', 'two'], ['doubled']),
      node('Split', ['doubled'], ['left', 'right'], [writeAttribute('axis', 1), writeAttribute('split', [1, 3])]),
      node('Constant', [], ['last'], [{ name: 'value_int', type: 2, i: -1 }]),
      node('Gather', ['right', 'last'], ['picked'], [writeAttribute('axis', 1)]),
      node('Unsqueeze', ['picked'], ['column'], [writeAttribute('axes', [1])]),
      node('Add', ['left', 'column'], ['sum']),
      node('Shape', ['doubled'], ['sizes']),
      node('Constant', [], ['zero'], [{ name: 'value_int', type: 2, i: 0 }]),
      node('Gather', ['sizes', 'zero'], ['batch']),
      node('Unsqueeze', ['batch'], ['batches'], [writeAttribute('axes', [0])]),
      node('Constant', [], ['rest'], [{ name: 'value_ints', type: 7, ints: [-1] }]),
      node('Concat', ['batches', 'rest'], ['shape'], [writeAttribute('axis', 0)]),
      node('Concat', ['doubled', 'sum'], ['both'], [writeAttribute('axis', 1)]),
      node('Reshape', ['both', 'shape'], ['features']),
    ];
    const { spec, store } = await imported(encodeModel(model(nodes, 11)));
    const { encoder, original } = await readTrainable(spec, store);
    expect(original.nodes.map(({ opType }) => opType)).toContain('Shape');
    const replaced = new Set(['Shape', 'Split', 'Dropout', 'Gather']);
    expect(encoder.nodes.filter(({ opType }) => replaced.has(opType))).toEqual([]);
    await checkTuning(spec, store);
    expect(await findOwnCut('all', spec, store)).toBeUndefined();
  });

  test('is refused where an operator means something else there', async () => {
    const nodes = [
      node('Softmax', ['map'], ['shares']),
      node('GlobalAveragePool', ['shares'], ['mean']),
      node('Flatten', ['mean'], ['features']),
    ];
    const { spec, store } = await imported(encodeModel(model(nodes, 11)));
    await expect(checkTuning(spec, store)).rejects.toMatchObject({ code: 'OWN_MODEL_OPSET_CONVERSION' });
  });
});
