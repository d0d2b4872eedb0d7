import type { SessionOptions, SessionValue } from './onnx-session.ts';

/** What the worker of a session is started with. */
export interface WorkerStart {
  readonly source: Uint8Array | string;
  readonly options: SessionOptions;
}

export type ToWorker =
  | { readonly kind: 'run'; readonly id: number; readonly input: Float32Array; readonly dims: readonly number[] }
  | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'ready'; readonly inputs: readonly SessionValue[]; readonly outputs: readonly SessionValue[] }
  | { readonly kind: 'unreadable'; readonly message: string }
  | { readonly kind: 'result'; readonly id: number; readonly data: Float32Array; readonly dims: readonly number[] }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
