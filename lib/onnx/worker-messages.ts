import type { OnnxRun, Placement, SessionOptions, SessionValue } from './onnx-session.ts';

/** Messages from the session to its worker. */
export type ToWorker =
  | { readonly kind: 'open'; readonly source: Uint8Array | string; readonly options: SessionOptions }
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly input: Float32Array;
      readonly dims: readonly number[];
      readonly further: readonly string[];
    }
  | { readonly kind: 'close' };

/** Messages from the worker to its session. */
export type FromWorker =
  | { readonly kind: 'ready'; readonly inputs: readonly SessionValue[]; readonly outputs: readonly SessionValue[] }
  | { readonly kind: 'placed'; readonly placement: Placement }
  | { readonly kind: 'unreadable'; readonly message: string }
  | { readonly kind: 'result'; readonly id: number; readonly result: OnnxRun }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
