/**
 * How fast the machines are that jobs run on, for estimates. Measured: a core in ONNX Runtime and in both TensorFlow runtimes, on 2 cores
 * of a busy x86 server (2026-11-24). Reckoned from that: machines in AWS, by their physical cores. Assumed: the share of its peak that a
 * GPU reaches in training, since none was at hand.
 */
import { trainingSpeed } from '../training-speed.ts';
import type { InstanceName } from './prices.ts';

/** One multiplication and one addition. */
const GIGA = 1e9;

export const perCore = {
  /** Multiply-adds a second of a frozen backbone in ONNX Runtime. */
  trunk: 40 * GIGA,
  /** Pixels a second of decoding, and of resizing and handing on. */
  decodedPixels: 40e6,
  resizedPixels: 12e6,
} as const;

/** Multiply-adds a second of training in WebAssembly. */
export const WASM = trainingSpeed('wasm', 1);

/** The share of a GPU's peak that training reaches. */
const REACHED = 0.2;

export interface MachineSpeed {
  /** Physical cores, with what hyper-threading adds. */
  readonly cores: number;
  /** Multiply-adds a second of training. */
  readonly training: number;
  /** Bytes. */
  readonly memory: number;
  /** From asking for the machine to the first line of the job's log. */
  readonly startSeconds: number;
}

/** A Lambda function of the largest size: 10,240 MB and 6 virtual CPUs. */
export const lambda: MachineSpeed = { cores: 3.5, training: WASM, memory: 10e9, startSeconds: 15 };

/** Peaks in float32: T4 8.1, L4 30.3, A10G 31.2 TFLOPS; an addition and a multiplication are two operations. */
export const instances: Readonly<Record<InstanceName, MachineSpeed>> = {
  'g4dn.xlarge': { cores: 2.3, training: 4050 * GIGA * REACHED, memory: 16e9, startSeconds: 240 },
  'g6.xlarge': { cores: 2.5, training: 15_150 * GIGA * REACHED, memory: 16e9, startSeconds: 240 },
  'g5.xlarge': { cores: 2.5, training: 15_600 * GIGA * REACHED, memory: 16e9, startSeconds: 240 },
};

/** @param native whether training runs on native TensorFlow */
export function thisMachine(cores: number, { native }: { readonly native: boolean }): MachineSpeed {
  return { cores, training: trainingSpeed(native ? 'native' : 'wasm', cores), memory: Number.POSITIVE_INFINITY, startSeconds: 2 };
}
