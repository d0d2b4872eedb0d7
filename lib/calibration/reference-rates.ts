/**
 * The speed of one core of the machine used to fit the time models (x86 server, 2026-11-27): CPU time of passes and
 * steps of eight backbones at several sizes, cuts and batch sizes. The fit is within 20% for nearly all of them. A
 * calibration scales these rates to the actual machine. Without a calibration, estimates use them directly.
 */
import type { MachineRates, PassRates } from '../contracts/machine-profile.ts';

/** Rates of ONNX Runtime. */
const trunk: PassRates = { dense: 0.021, depthwise: 0.14, elements: 0.00024, layer: 0.000005 };

const shared = {
  start: 1.6,
  build: 0.18,
  buildLayer: 0.0006,
  decode: 0.012,
  resize: 0.06,
  trunk,
  script: 3,
};

export const referenceRates: Readonly<Record<'native' | 'wasm' | 'onnx', MachineRates>> = {
  wasm: {
    ...shared,
    training: { dense: 0.056, depthwise: 3.95, elements: 0.017, layer: 0.00085 },
    update: 0.061,
    step: 0.003,
    inference: { dense: 0.12, depthwise: 1.6, elements: 0.002, layer: 0.0001 },
  },
  onnx: {
    ...shared,
    training: { dense: 0.065, depthwise: 0.8, elements: 0.0025, layer: 0.0006 },
    update: 0.012,
    step: 0.003,
    inference: { dense: 0.032, depthwise: 0.1, elements: 0.0005, layer: 0.0001 },
  },
  native: {
    ...shared,
    start: 2.5,
    training: { dense: 0.078, depthwise: 1.7, elements: 0.005, layer: 0.00135 },
    update: 0.023,
    step: 0.004,
    inference: { dense: 0.032, depthwise: 0.1, elements: 0.0007, layer: 0.0005 },
  },
};
