import { median } from '../../lib/arithmetic.ts';
import { backboneCost } from '../../lib/backbones/backbone-cost.ts';
import { findRow } from '../../lib/backbones/find-row.ts';
import { trunkBatch } from '../../lib/features/open-trunk-session.ts';
import { mulberry32 } from '../../lib/random.ts';
import { multiply } from '../../lib/training/closed-form/matrix-products.ts';
import { type Bench, installedVersion, type Measured } from './bench.ts';
import { startKeras } from './keras/run-keras.ts';
import { measurePairs, ratioOf } from './measure-pairs.ts';
import { type Stepper, startProcess, stepInTurns } from './step-processes.ts';
import { timeWork } from './time-work.ts';

/** A network, by its name in keras.applications. */
interface Network {
  readonly keras: string;
  /** Default: its own input size. */
  readonly side?: number;
}

/** One of each family, and VGG16 at the input size of the tutorial. */
const NETWORKS: readonly Network[] = [
  { keras: 'VGG16', side: 64 },
  ...[
    ...['VGG16', 'ResNet50', 'ResNet50V2', 'DenseNet121', 'InceptionV3', 'InceptionResNetV2', 'Xception', 'NASNetMobile'],
    ...['MobileNet', 'MobileNetV2', 'MobileNetV3Small', 'EfficientNetB0', 'EfficientNetV2B0', 'ConvNeXtTiny'],
  ].map((keras) => ({ keras })),
];
const script = new URL('./measure-trunk.ts', import.meta.url);
/** WebAssembly computes one image after the other. */
const WASM_BATCH = 1;
/** Of each side in a pair. */
const STEPS = 3;
/** Rows and columns of the matrices whose product shows what the processor can do. */
const PRODUCT = 2048;

/** Times a network of each family as a frozen trunk: Graft against Keras, and against TF.js in WebAssembly. */
export const trunks: Bench = {
  name: 'trunks',
  about:
    'pooled features of images by a network of each family at its own input size, in batches of Graft: against Keras ' +
    'predict_on_batch, against TF.js in WebAssembly, and against the graph as it is (`direct`); `product` is the speed ' +
    'relative to a product of matrices',
  async run({ pairs }) {
    const measured: [string, Measured][] = [];
    for (const network of NETWORKS) measured.push([nameOf(network), await measureNetwork(network, pairs)]);
    const named = <Value>(part: (each: Measured) => Readonly<Record<string, Value>>): Record<string, Value> =>
      Object.fromEntries(
        measured.flatMap(([name, each]) => Object.entries(part(each)).map(([key, value]) => [`${name} ${key}`, value])),
      );
    const all = measured.map(([, { ratio }]) => ratio);
    return {
      ratio: median(all),
      ratios: named(({ ratio, ratios }) => ({ keras: ratio, ...ratios })),
      spread: {
        ratio: { lowest: Math.min(...all), highest: Math.max(...all) },
        ...named(({ spread: { ratio, ...others } }) => ({ ...(ratio && { keras: ratio }), ...others })),
      },
      pairs,
      sides: named(({ sides }) => sides),
      versions: { onnxruntime: installedVersion('onnxruntime-node'), tfjs: installedVersion('@tensorflow/tfjs-core') },
    };
  },
};

function nameOf({ keras, side }: Network): string {
  const { name } = findRow(keras);
  return side === undefined ? name : `${name} at ${side}`;
}

async function measureNetwork({ keras, side }: Network, pairs: number): Promise<Measured> {
  const { name, inputSize } = findRow(keras);
  const pixels = side ?? inputSize.default;
  const batch = String(trunkBatch([pixels, pixels]));
  const steppers: Record<string, Stepper> = { product: await openProduct() };
  try {
    for (const form of ['graft', 'direct'])
      steppers[form] = await startProcess(script, [form, name, String(pixels), batch], 'wasm');
    steppers.keras = await startKeras('trunk.py', [keras, String(pixels), batch]);
    steppers.wasm = await startProcess(script, ['wasm', name, String(pixels), String(WASM_BATCH)], 'wasm');
    const multiplyAdds = backboneCost({ name, inputSize: [pixels, pixels] }).total.multiplyAdds;
    const compared = await measurePairs({
      pairs,
      warmUp: true,
      measure: () => stepInTurns(steppers, STEPS),
      ratios: {
        ratio: ratioOf('keras', 'graft'),
        wasm: ratioOf('wasm', 'graft'),
        direct: ratioOf('direct', 'graft'),
        product: (sides) => ratioOf('product', 'graft')(sides) * (multiplyAdds / PRODUCT ** 3),
      },
    });
    return { ...compared, versions: {} };
  } finally {
    for (const stepper of Object.values(steppers)) stepper.stop();
  }
}

/** Prepares the product of two square matrices. */
async function openProduct(): Promise<Stepper> {
  const random = mulberry32(1);
  const matrix = { values: Float32Array.from({ length: PRODUCT ** 2 }, random), rows: PRODUCT };
  const multiplied = async () => {
    await multiply(matrix, matrix);
    return undefined;
  };
  return { step: () => timeWork(multiplied), stop: () => {} };
}
