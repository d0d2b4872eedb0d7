import { z } from 'zod';
import { Time } from './names.ts';

const seconds = z.number().min(0);

/** Seconds that a pass of one image through a network takes, by what the network is made of. */
export const PassRates = z.strictObject({
  /** For each 10^9 multiply-adds of convolutions and dense layers, depthwise ones aside. */
  dense: seconds,
  /** For each 10^9 multiply-adds of depthwise convolutions. */
  depthwise: seconds,
  /** For each 10^6 numbers that layers put out. */
  elements: seconds,
  /** For each layer, once a batch. */
  layer: seconds,
});
export type PassRates = z.infer<typeof PassRates>;

/** How fast a machine does what jobs are made of. */
export const MachineRates = z.strictObject({
  /** From the start of a process to a TensorFlow that computes. */
  start: seconds,
  /** Of a backbone, for each 10^6 parameters: to build it, to write it as a graph, and to load that. */
  build: seconds,
  /** Of a backbone, for each layer. */
  buildLayer: seconds,
  /** For each 10^6 pixels of an image file. */
  decode: seconds,
  /** For each 10^6 pixels of a network's input. */
  resize: seconds,
  /** A frozen backbone in ONNX Runtime. */
  trunk: PassRates,
  /** Forward, back and the step of the optimizer. */
  training: PassRates,
  /** For each 10^6 parameters that train, once a step. */
  update: seconds,
  /** Whatever its size: what a step takes besides. */
  step: seconds,
  /** Forward, on TensorFlow. */
  inference: PassRates,
  /** For each 10^9 multiplications in plain JavaScript. */
  script: seconds,
});
export type MachineRates = z.infer<typeof MachineRates>;

/** What a calibration of a machine has measured. */
export const MachineProfile = z.strictObject({
  measuredAt: Time,
  /** The TensorFlow that trains here: the best that loads, or what GRAFT_TENSORFLOW names. */
  runtime: z.enum(['gpu', 'native', 'wasm']),
  cores: z.int().min(1),
  /** Processes that computed or waited for a core in the minute before, for each core. */
  load: z.number().min(0),
  /** How far repetitions of one measurement lay apart: the longest time over the median. */
  spread: z.number().min(1),
  rates: MachineRates,
});
export type MachineProfile = z.infer<typeof MachineProfile>;
