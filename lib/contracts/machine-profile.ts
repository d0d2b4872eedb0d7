import { z } from 'zod';
import { TrainingRuntime } from './compute.ts';
import { Time } from './names.ts';

const seconds = z.number().min(0);

/** Seconds per image for a pass through a network, by the operations of the network. */
export const PassRates = z.strictObject({
  /** Per 10^9 multiply-adds of convolutions and dense layers, excluding depthwise convolutions. */
  dense: seconds,
  /** Per 10^9 multiply-adds of depthwise convolutions. */
  depthwise: seconds,
  /** Per 10^6 output elements of layers. */
  elements: seconds,
  /** Per layer and batch. */
  layer: seconds,
});
export type PassRates = z.infer<typeof PassRates>;

/** The speed of a machine at each operation of a job. */
export const MachineRates = z.strictObject({
  /** From process start until TensorFlow is ready. */
  start: seconds,
  /** Per 10^6 parameters of a backbone: building it, exporting the graph, and loading the graph. */
  build: seconds,
  /** Per layer of a backbone. */
  buildLayer: seconds,
  /** Per 10^6 pixels of an image file. */
  decode: seconds,
  /** Per 10^6 pixels of a network's input. */
  resize: seconds,
  /** A frozen backbone in ONNX Runtime. */
  trunk: PassRates,
  /** Forward pass, backward pass, and optimizer step. */
  training: PassRates,
  /** Per 10^6 trainable parameters and step. */
  update: seconds,
  /** Fixed cost per step. */
  step: seconds,
  /** Forward pass in the runtime that trains. */
  inference: PassRates,
  /** Per 10^9 multiplications in plain JavaScript. */
  script: seconds,
});
export type MachineRates = z.infer<typeof MachineRates>;

/** The results of calibrating a machine. */
export const MachineMeasurement = z.strictObject({
  measuredAt: Time,
  /** The runtime that trains here, unless the network is one that it cannot train. */
  runtime: TrainingRuntime,
  cores: z.int().min(1),
  /** Variation between repeated measurements: the longest time divided by the median. */
  spread: z.number().min(1),
  rates: MachineRates,
});
export type MachineMeasurement = z.infer<typeof MachineMeasurement>;

/** The speed of a machine, and what else it did while it was measured. */
export const MachineProfile = z.strictObject({
  ...MachineMeasurement.shape,
  /** Other processes per core that ran or waited for a core before or after the measurement, whichever is higher. */
  load: z.number().min(0),
});
export type MachineProfile = z.infer<typeof MachineProfile>;
