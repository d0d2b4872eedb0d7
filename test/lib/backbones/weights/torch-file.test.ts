import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readWeights } from '../../../../lib/backbones/weights/read-weights.ts';
import { inOrder } from '../../../../lib/backbones/weights/tensor-view.ts';
import { readTorch, TORCH_SIGNATURE } from '../../../../lib/backbones/weights/torch-file.ts';
import { DataError } from '../../../../lib/errors.ts';
import { fixturePath } from '../../../support/fixtures.ts';
import type { TorchParts } from '../../../support/weights/torch-pickle.ts';
import {
  bytesOf,
  dictOf,
  EMPTY_DICT,
  EMPTY_LIST,
  globalOf,
  intOf,
  pickleOf,
  storageOf,
  tensorOf,
  textOf,
  torchFile,
  tupleOf,
} from '../../../support/weights/torch-pickle.ts';

const fixture = fixturePath('weights/tiny-lite.pth');
const bytes = new Uint8Array(readFileSync(fixture));
const call = (module: string, name: string, argument: string): Uint8Array =>
  bytesOf(globalOf(module, name), tupleOf(textOf(argument)), 'R');

describe('a state dict of EfficientNet-PyTorch', () => {
  it('has the layers of Keras, in the order of the file', async () => {
    const { format, layers } = await readWeights(fixture);
    expect(format).toBe('torch');
    expect(layers.map(({ name, weights }) => [name, ...weights.map((weight) => weight.name)].join(' '))).toEqual([
      'stem_conv kernel',
      'stem_bn gamma beta moving_mean moving_variance',
      'block1a_dwconv depthwise_kernel',
      'block1a_bn gamma beta moving_mean moving_variance',
      'block1a_project_conv kernel',
      'block1a_project_bn gamma beta moving_mean moving_variance',
      'block2a_expand_conv kernel',
      'block2a_expand_bn gamma beta moving_mean moving_variance',
      'block2a_project_conv kernel',
      'block2b_expand_conv kernel',
      'block2b_expand_bn gamma beta moving_mean moving_variance',
      'block2b_project_conv kernel',
      'top_conv kernel',
      'top_bn gamma beta moving_mean moving_variance',
      'predictions kernel bias',
    ]);
  });

  // Each number of the fixture is 100 for the tensor's place in the file, and its own place in PyTorch's order.
  it.each([
    { layer: 'stem_conv', shape: [3, 3, 3, 2], first: [0, 27, 9, 36, 18, 45, 1, 28] },
    { layer: 'block1a_dwconv', shape: [3, 3, 2, 1], first: [600, 609, 601, 610, 602, 611] },
    { layer: 'block1a_project_conv', shape: [1, 1, 2, 3], first: [1200, 1202, 1204, 1201, 1203, 1205] },
    { layer: 'predictions', shape: [5, 2], first: [3800, 3805, 3801, 3806, 3802, 3807] },
    { layer: 'stem_bn', shape: [2], first: [100, 101] },
  ])('lies in the layout of Keras: $layer is $shape', async ({ layer, shape, first }) => {
    const { layers } = await readWeights(bytes);
    const [weight] = layers.find(({ name }) => name === layer)?.weights ?? [];
    expect(weight?.shape).toEqual(shape);
    expect([...(weight?.data ?? [])].slice(0, first.length)).toEqual(first);
  });

  it("says of another network's what it did not expect", async () => {
    const state = dictOf({ 'layer1.0.conv1.weight': tensorOf() });
    await expect(readWeights(torchFile({ state }))).rejects.toMatchObject({
      code: 'WEIGHTS_FORMAT_UNKNOWN',
      received: 'layer1.0.conv1.weight',
    });
  });
});

describe('readTorch', () => {
  it('reads a tensor where and as it lies in its storage', () => {
    const view = tensorOf({ length: 8, offset: 1, shape: [2, 3], strides: [1, 2] });
    const [tensor] = readTorch(torchFile({ state: dictOf({ view }), storages: storageOf(0, 1, 2, 3, 4, 5, 6, 7) })).values();
    expect(tensor && [...inOrder(tensor)]).toEqual([1, 3, 5, 2, 4, 6]);
  });

  it.each<{ what: string; parts: TorchParts; received: string }>([
    { what: 'a call of os.system', parts: { state: call('os', 'system', 'touch /tmp/owned') }, received: 'os.system' },
    { what: 'one before the state dict', parts: { version: call('posix', 'system', 'id') }, received: 'posix.system' },
    { what: 'one among the keys', parts: { keys: call('builtins', 'eval', '1') }, received: 'builtins.eval' },
    { what: 'another global of PyTorch', parts: { state: globalOf('torch', 'load') }, received: 'torch.load' },
    {
      what: 'a name from the stack',
      parts: { state: bytesOf(textOf('os'), textOf('system'), 0x93) },
      received: 'opcode 0x93',
    },
    { what: 'an instance', parts: { state: bytesOf('(ios\nsystem\n') }, received: 'opcode 0x69' },
    { what: 'an object of a class', parts: { state: bytesOf(EMPTY_DICT, EMPTY_DICT, 0x81) }, received: 'opcode 0x81' },
  ])('refuses $what, and runs nothing', ({ parts, received }) => {
    expect(() => readTorch(torchFile(parts))).toThrow(expect.objectContaining({ code: 'WEIGHTS_PICKLE_REFUSED', received }));
  });

  it.each<{ what: string; parts: TorchParts; received: unknown }>([
    {
      what: 'claims a storage of 8 GB',
      parts: { state: dictOf({ weight: tensorOf({ length: 2 ** 31 - 1 }) }) },
      received: expect.stringMatching(/^8589934588 bytes$/),
    },
    {
      what: 'says a length of a storage that its tensor does not',
      parts: { storages: bytesOf(Uint8Array.of(0, 0, 0, 0, 0, 1, 0, 0), new Uint8Array(8)) },
      received: '1099511627776',
    },
    {
      what: 'has one storage as a thousand tensors',
      parts: {
        state: dictOf(
          Object.fromEntries(
            Array.from({ length: 1000 }, (_, i) => [`${i}`, tensorOf({ shape: [1000, 1000], strides: [0, 0] })]),
          ),
        ),
      },
      received: expect.stringMatching(/^4000000000 bytes$/),
    },
    {
      what: 'has a tensor beyond its storage',
      parts: { state: dictOf({ weight: tensorOf({ offset: 1 }) }) },
      received: 'shape [2]',
    },
    {
      what: 'has a stride out of its storage',
      parts: { state: dictOf({ weight: tensorOf({ strides: [100] }) }) },
      received: 'shape [2]',
    },
    {
      what: 'has negative sizes',
      parts: { state: dictOf({ weight: tensorOf({ shape: [-2] }) }) },
      received: 'others',
    },
    {
      what: 'has a storage of no numbers',
      parts: { state: dictOf({ weight: tensorOf({ type: 'FloatStorage', length: -1 }) }) },
      received: 'others',
    },
    { what: 'lists a storage twice', parts: { keys: bytesOf(EMPTY_LIST, textOf('1'), 'a', textOf('1'), 'a') }, received: '1' },
    { what: 'lists a storage that nobody has', parts: { keys: bytesOf(EMPTY_LIST, textOf('2'), 'a') }, received: '2' },
    { what: 'lists a long number', parts: { keys: bytesOf(EMPTY_LIST, 0x8a, 1, 7, 'a') }, received: '7' },
    { what: 'lists a list that holds itself', parts: { keys: bytesOf(EMPTY_LIST, 'q', 0, 'h', 0, 'a') }, received: 'list' },
    { what: 'holds itself', parts: { state: bytesOf(EMPTY_LIST, 'q', 0, 'h', 0, 'a') }, received: 'list' },
    { what: 'has no end of objects', parts: { state: EMPTY_LIST.repeat(300_000) }, received: 'more' },
    { what: 'has a text of 4 GB', parts: { state: bytesOf('X', 0xff, 0xff, 0xff, 0xff) }, received: '4294967295 bytes' },
    { what: 'has a name without end', parts: { state: `c${'a'.repeat(20_000)}` }, received: 'no end of it' },
    { what: 'takes a value from an empty stack', parts: { state: 'Q' }, received: 'none' },
    { what: 'takes a value from below a mark', parts: { state: bytesOf(intOf(1), '(Q') }, received: 'none' },
    { what: 'is of a later version', parts: { version: intOf(1002) }, received: '1002' },
    { what: 'comes from a big-endian machine', parts: { machine: dictOf({ little_endian: 0x89 }) }, received: 'another' },
    { what: 'has bytes after its end', parts: { storages: bytesOf(storageOf(1, 2), 0) }, received: expect.any(String) },
  ])('refuses a file that $what', ({ parts, received }) => {
    expect(() => readTorch(torchFile(parts))).toThrow(expect.objectContaining({ code: 'WEIGHTS_UNREADABLE', received }));
  });

  it('refuses a file that ends too early, wherever it does', async () => {
    for (let length = TORCH_SIGNATURE.length; length < bytes.length; length++) {
      const error: unknown = await readWeights(bytes.subarray(0, length)).catch((reason: unknown) => reason);
      expect(error, `${length} bytes`).toMatchObject({ name: 'DataError', code: 'WEIGHTS_UNREADABLE' });
    }
  });
});

describe('whatever the bytes are, the answer is weights or what is wrong', () => {
  const isAnswer = (file: Uint8Array): boolean => {
    try {
      return readTorch(file) instanceof Map;
    } catch (error) {
      return error instanceof DataError;
    }
  };

  it('where bytes of a file were changed', () => {
    const change = fc.record({ at: fc.nat({ max: bytes.length - 1 }), byte: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const copy = bytes.slice();
        for (const { at, byte } of changes) copy[at] = byte;
        return isAnswer(copy);
      }),
      { numRuns: 2000 },
    );
  });

  it('where opcodes come in any order', () => {
    const part = fc.oneof(
      fc.constantFrom(...'.()]}tuseaRQqhbN', '\x85', '\x86', '\x87', '\x88', '\x89'),
      fc.integer({ min: -2, max: 3 }).map((value) => intOf(value)),
      fc.constantFrom('storage', '1', 'cpu', 'weight').map(textOf),
      fc.constantFrom('FloatStorage', 'LongStorage').map((name) => globalOf('torch', name)),
      fc.constantFrom(globalOf('torch._utils', '_rebuild_tensor_v2'), globalOf('collections', 'OrderedDict')),
      fc.constantFrom(tensorOf(), dictOf({ weight: tensorOf() }), pickleOf(EMPTY_LIST)),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => isAnswer(torchFile({ state: bytesOf(...parts) }))),
      { numRuns: 2000 },
    );
  });
});
