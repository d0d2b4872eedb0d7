/**
 * Speeds of machines that were not measured. Machines in AWS are derived from one core of an x86 server and their
 * number of physical cores, GPUs from a share of their peak.
 */
import { scaleRates } from '../calibration/pass-seconds.ts';
import { referenceRates } from '../calibration/reference-rates.ts';
import type { JobEstimate, TrainingRuntime } from '../contracts/compute.ts';
import type { MachineProfile, MachineRates } from '../contracts/machine-profile.ts';
import type { InstanceName } from './prices.ts';

export interface MachineSpeed {
  readonly runtime: TrainingRuntime;
  readonly rates: MachineRates;
  /** Bytes. */
  readonly memory: number;
  /** With which layers train in ONNX Runtime on its CPU; absent if `rates` are those. */
  readonly onnx?: MachineRates;
  /** Factor that the upper end of an estimate adds. It is smaller for measured machines than for derived ones. */
  readonly margin: number;
}

/** For a machine that was not measured. */
const RECKONED = 1.6;
/** For a measured machine: the more its repetitions differ, the larger. */
const [LEAST, MOST] = [1.4, 3];
/** For a machine with more running processes than cores, whose load may rise further. */
const BUSY = 1.5;
/** For this machine, if it could not be measured. */
const UNMEASURED = 3;
/** Seconds until a machine of AWS Batch works. */
const START_OF_INSTANCE = 150;
/** The share of a GPU's peak that training reaches. */
const REACHED = 0.2;

/** MiB of Lambda's largest functions. */
export const LARGEST_FUNCTION = 10_240;

/** A Lambda function of the largest size. */
export const lambda = lambdaOf(LARGEST_FUNCTION);

/**
 * A Lambda function. The largest one has 6 virtual CPUs, which equal 3.5 cores including hyper-threading, and others
 * have virtual CPUs in proportion to their memory.
 * @param mebibytes of memory
 */
export function lambdaOf(mebibytes: number): MachineSpeed {
  const share = mebibytes / LARGEST_FUNCTION;
  return {
    runtime: 'onnx',
    rates: { ...trainingOn(3.5 * share, referenceRates.onnx), start: 10 },
    memory: 10e9 * share,
    margin: RECKONED,
  };
}

/** Peaks in float32: T4 8.1, L4 30.3, A10G 31.2 TFLOPS. An addition and a multiplication are two operations. */
export const instances: Readonly<Record<InstanceName, MachineSpeed>> = {
  'g4dn.xlarge': onGpu(4050e9, 2.3),
  'g6.xlarge': onGpu(15_150e9, 2.5),
  'g5.xlarge': onGpu(15_600e9, 2.5),
};

/**
 * The machine of AWS that an estimate is for. Undefined for this machine.
 * @param functionMemory of the training function, in MiB; default: the largest
 */
export function machineOf(
  { target, instance }: Pick<JobEstimate, 'target' | 'instance'>,
  functionMemory: number = LARGEST_FUNCTION,
): MachineSpeed | undefined {
  if (target === 'lambda') return lambdaOf(functionMemory);
  return Object.entries(instances).find(([name]) => name === instance)?.[1];
}

/** This machine, as measured by a calibration. */
export function measured({ runtime, rates, spread, load }: MachineProfile): MachineSpeed {
  const margin = Math.min(MOST, LEAST * Math.sqrt(spread)) * (load > 1 ? BUSY : 1);
  return { runtime, rates, memory: Number.POSITIVE_INFINITY, margin, ...(runtime !== 'onnx' && { onnx: trainedInOnnx(rates) }) };
}

/** This machine, if it could not be measured. */
export function unmeasured(runtime: 'native' | 'onnx', cores: number): MachineSpeed {
  const physical = Math.max(1, cores * 0.7);
  return {
    runtime,
    rates: trainingOn(physical, referenceRates[runtime]),
    memory: Number.POSITIVE_INFINITY,
    margin: UNMEASURED,
    ...(runtime !== 'onnx' && { onnx: trainingOn(physical, referenceRates.onnx) }),
  };
}

/** A machine that trains in ONNX Runtime on its CPU, as it does layers of a user's own model. */
export function inOnnx(speed: MachineSpeed): MachineSpeed {
  const { onnx, ...others } = speed;
  return onnx === undefined ? speed : { ...others, rates: onnx, runtime: 'onnx' };
}

/** A machine whose other runtime was measured trains in ONNX Runtime faster than the reference by the same factor. */
function trainedInOnnx(rates: MachineRates): MachineRates {
  const { native, onnx } = referenceRates;
  const factor = rates.training.dense / native.training.dense;
  return {
    ...rates,
    training: scaleRates(onnx.training, factor),
    inference: scaleRates(onnx.inference, factor),
    update: onnx.update * factor,
    step: onnx.step * factor,
  };
}

/** The work on images before training uses all cores. */
function onCores(rates: MachineRates, cores: number): MachineRates {
  return { ...rates, decode: rates.decode / cores, resize: rates.resize, trunk: scaleRates(rates.trunk, 1 / cores) };
}

/** Native TensorFlow and ONNX Runtime use all cores. */
function trainingOn(cores: number, rates: MachineRates): MachineRates {
  const faster = (of: MachineRates['training']) => scaleRates(of, 1 / cores);
  return { ...onCores(rates, cores), training: faster(rates.training), inference: faster(rates.inference) };
}

/** @param peak multiply-adds per second */
function onGpu(peak: number, cores: number): MachineSpeed {
  const dense = 1e9 / (peak * REACHED);
  const forward = { dense, depthwise: 10 * dense, elements: 0.00002, layer: 0.0001 };
  return {
    runtime: 'gpu',
    rates: {
      ...onCores(referenceRates.native, cores),
      start: START_OF_INSTANCE,
      inference: forward,
      // The backward pass costs about two forward passes.
      training: { ...scaleRates(forward, 3), layer: 0.0005 },
      update: 0.0005,
    },
    onnx: { ...trainingOn(cores, referenceRates.onnx), start: START_OF_INSTANCE },
    memory: 16e9,
    margin: RECKONED,
  };
}
