/**
 * How fast the machines are that jobs run on where nothing was measured there: machines in AWS, reckoned from one core of an x86 server by
 * their physical cores, and GPUs from a share of their peak, since none was at hand.
 */
import { scaleRates } from '../calibration/pass-seconds.ts';
import { referenceRates } from '../calibration/reference-rates.ts';
import type { MachineProfile, MachineRates } from '../contracts/machine-profile.ts';
import type { InstanceName } from './prices.ts';

export interface MachineSpeed {
  readonly runtime: 'gpu' | 'native' | 'wasm';
  readonly rates: MachineRates;
  /** Bytes. */
  readonly memory: number;
  /**
   * What the upper end of an estimate adds to what the model says, as a factor: measured machines stray less from it than reckoned ones.
   */
  readonly margin: number;
}

/** Of a machine that nobody has measured. */
const RECKONED = 1.6;
/** Of one that was measured: the more, the further repetitions of one measurement lay apart. */
const [LEAST, MOST] = [1.4, 3];
/** On a machine that has more to do than it has cores, the rest may become more. */
const BUSY = 1.5;
/** Of this machine, where it could not be measured. */
const UNMEASURED = 3;
/** The share of a GPU's peak that training reaches. */
const REACHED = 0.2;

/** A Lambda function of the largest size: 10,240 MB and 6 virtual CPUs, which are 3.5 cores with what hyper-threading adds. */
export const lambda: MachineSpeed = {
  runtime: 'wasm',
  rates: { ...onCores(referenceRates.wasm, 3.5), start: 10 },
  memory: 10e9,
  margin: RECKONED,
};

/** Peaks in float32: T4 8.1, L4 30.3, A10G 31.2 TFLOPS; an addition and a multiplication are two operations. */
export const instances: Readonly<Record<InstanceName, MachineSpeed>> = {
  'g4dn.xlarge': onGpu(4050e9, 2.3),
  'g6.xlarge': onGpu(15_150e9, 2.5),
  'g5.xlarge': onGpu(15_600e9, 2.5),
};

/** This machine, as a calibration has measured it. */
export function measured({ runtime, rates, spread, load }: MachineProfile): MachineSpeed {
  const margin = Math.min(MOST, LEAST * Math.sqrt(spread)) * (load > 1 ? BUSY : 1);
  return { runtime, rates, memory: Number.POSITIVE_INFINITY, margin };
}

/** This machine, where it could not be measured. */
export function unmeasured(runtime: 'native' | 'wasm', cores: number): MachineSpeed {
  const physical = Math.max(1, cores * 0.7);
  const rates = onCores(referenceRates[runtime], physical);
  const threads = runtime === 'native' ? physical : 1;
  const faster = (of: MachineRates['training']) => scaleRates(of, 1 / threads);
  return {
    runtime,
    rates: { ...rates, training: faster(rates.training), inference: faster(rates.inference) },
    memory: Number.POSITIVE_INFINITY,
    margin: UNMEASURED,
  };
}

/** What images pass before training uses all cores. */
function onCores(rates: MachineRates, cores: number): MachineRates {
  return { ...rates, decode: rates.decode / cores, resize: rates.resize, trunk: scaleRates(rates.trunk, 1 / cores) };
}

/** @param peak multiply-adds a second */
function onGpu(peak: number, cores: number): MachineSpeed {
  const dense = 1e9 / (peak * REACHED);
  const forward = { dense, depthwise: 10 * dense, elements: 0.00002, layer: 0.0001 };
  return {
    runtime: 'gpu',
    rates: {
      ...onCores(referenceRates.native, cores),
      start: 150,
      inference: forward,
      // The way back costs about two passes.
      training: { ...scaleRates(forward, 3), layer: 0.0005 },
      update: 0.0005,
    },
    memory: 16e9,
    margin: RECKONED,
  };
}
