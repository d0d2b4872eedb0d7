import { median } from '../../lib/arithmetic.ts';
import { backboneCost } from '../../lib/backbones/backbone-cost.ts';
import { findRow } from '../../lib/backbones/find-row.ts';
import { mulberry32 } from '../../lib/random.ts';
import { multiply } from '../../lib/training/closed-form/matrix-products.ts';
import { type Bench, installedVersion, type Measured } from './bench.ts';
import { startKeras } from './keras/run-keras.ts';
import { measurePairs, ratioOf, type Sides } from './measure-pairs.ts';
import { type Stepper, startProcess, stepInTurns } from './step-processes.ts';
import { timeWork } from './time-work.ts';

/** A network of each family, by its name in keras.applications. */
const NETWORKS = [
  ...['VGG16', 'ResNet50', 'ResNet50V2', 'DenseNet121', 'InceptionV3', 'InceptionResNetV2', 'Xception', 'NASNetMobile'],
  ...['MobileNet', 'MobileNetV2', 'MobileNetV3Small', 'EfficientNetB0', 'EfficientNetV2B0', 'ConvNeXtTiny'],
];
const script = new URL('./measure-trunk.ts', import.meta.url);
/** Images at once: as many as Graft takes at 224 pixels. WebAssembly computes one after the other. */
const [BATCH, WASM_BATCH] = [8, 1];
/** Of each side in a pair. */
const STEPS = 3;
/** Rows and columns of the matrices whose product shows what the processor can do. */
const PRODUCT = 2048;

/** Times a network of each family as a frozen trunk: Graft against Keras, and against TF.js in WebAssembly. */
export const trunks: Bench = {
  name: 'trunks',
  about:
    `pooled features of images, ${BATCH} at once, by a network of each family at its own input size: Graft against Keras ` +
    'predict_on_batch, and against TF.js in WebAssembly; `product` is the speed relative to a product of matrices',
  async run({ pairs }) {
    const measured: [string, Measured][] = [];
    for (const network of NETWORKS) measured.push([findRow(network).name, await measureNetwork(network, pairs)]);
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

async function measureNetwork(network: string, pairs: number): Promise<Measured> {
  const { name, inputSize } = findRow(network);
  const steppers: Record<string, Stepper> = {};
  try {
    steppers.graft = await startProcess(script, ['onnx', name, String(BATCH)], 'wasm');
    steppers.keras = await startKeras('trunk.py', [network, String(inputSize.default), String(BATCH)]);
    steppers.wasm = await startProcess(script, ['wasm', name, String(WASM_BATCH)], 'wasm');
    const product = await openProduct();
    const compared = await measurePairs({
      pairs,
      warmUp: true,
      measure: async () => ({ ...(await stepInTurns(steppers, STEPS)), product: await timeWork(product) }),
      ratios: { ratio: ratioOf('keras', 'graft'), wasm: ratioOf('wasm', 'graft'), product: relativeToProduct(name) },
    });
    return { ...compared, versions: {} };
  } finally {
    for (const stepper of Object.values(steppers)) stepper.stop();
  }
}

/** Prepares the product of two square matrices. */
async function openProduct(): Promise<() => Promise<undefined>> {
  const random = mulberry32(1);
  const matrix = { values: Float32Array.from({ length: PRODUCT ** 2 }, random), rows: PRODUCT };
  return async () => {
    await multiply(matrix, matrix);
    return undefined;
  };
}

/** Multiply-adds a second of a network, divided by those of the product. */
function relativeToProduct(name: string): (sides: Sides) => number {
  const { multiplyAdds } = backboneCost({ name }).total;
  return ({ graft, product }) =>
    (multiplyAdds * STEPS) / (graft?.seconds ?? Number.NaN) / (PRODUCT ** 3 / (product?.seconds ?? Number.NaN));
}
