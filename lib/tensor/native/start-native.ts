import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { messageOf } from '../../contracts/errors/message-of.ts';
import { RuntimeError, SpecError } from '../../errors.ts';
import type { TensorRuntime } from '../tensor-runtime.ts';
import { findNative, type NativePackage } from './find-native.ts';
import { hasAvx } from './has-avx.ts';
import { pinNativeSettings } from './native-settings.ts';
import { replaceStridedPointwise } from './strided-pointwise.ts';

/** The properties of tfjs-node's backend beyond the common interface. */
const NodeBackend = z.object({ binding: z.object({ TF_Version: z.string() }), isUsingGpuDevice: z.boolean() });

/**
 * Starts the native TensorFlow of this installation, on a GPU if both the package and the machine support it.
 * @throws SpecError TENSORFLOW_NOT_INSTALLED; RuntimeError NATIVE_INCOMPATIBLE, NATIVE_DAMAGED, NATIVE_REQUIRES_AVX,
 *   NATIVE_NOT_LOADED
 */
export function startNative(): TensorRuntime {
  const found = findNative();
  if (found) return loadNative(found);
  throw new SpecError('TENSORFLOW_NOT_INSTALLED', {
    expected: 'a native TensorFlow beside this installation',
    fix: 'build it with `npm run native`, or leave GRAFT_TENSORFLOW unset to train in ONNX Runtime',
  });
}

/**
 * Loads a native TensorFlow into this process and makes it the active backend.
 * @throws RuntimeError NATIVE_REQUIRES_AVX, NATIVE_NOT_LOADED
 */
export function loadNative({ entry, name, wheels }: NativePackage): TensorRuntime {
  if (!hasAvx()) {
    throw new RuntimeError('NATIVE_REQUIRES_AVX', {
      expected: 'a CPU with AVX',
      fix: 'leave GRAFT_TENSORFLOW unset to train in ONNX Runtime',
    });
  }
  const { onednn, tf32, threads } = pinNativeSettings();
  const require = createRequire(import.meta.url);
  patchNodeUtil(require);
  try {
    require(entry);
  } catch (cause) {
    throw new RuntimeError('NATIVE_NOT_LOADED', { at: entry, received: firstLine(cause), fix: 'npm run native', cause });
  }
  const { binding, isUsingGpuDevice } = NodeBackend.parse(tf.backend());
  if (!isUsingGpuDevice) replaceStridedPointwise(tf.getBackend());
  const ofGpu = isUsingGpuDevice ? { tf32, ...cudaVersions(wheels) } : {};
  const device = isUsingGpuDevice ? 'the GPU' : `the CPU${name.endsWith('-gpu') ? ', because no GPU was found' : ''}`;
  return {
    name: isUsingGpuDevice ? 'gpu' : 'native',
    description:
      `TensorFlow ${binding.TF_Version} runs on ${device} (${name} ${tf.version_core}, oneDNN ${onednn}, ` +
      `threads ${threads})`,
    versions: { tfjs: tf.version_core, libtensorflow: binding.TF_Version, onednn, threads, ...ofGpu },
  };
}

/** Restores two functions of `util` that tfjs-node calls. Node 22 deprecates them and Node 23 removed them. */
function patchNodeUtil(require: NodeJS.Require): void {
  const isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  Object.assign(require('node:util'), { isArray: Array.isArray, isNullOrUndefined });
}

/**
 * Returns the versions of the CUDA libraries that affect results, from the pinned wheels
 * (`nvidia-cudnn-cu12==9.3.0.75`).
 */
function cudaVersions(wheels: readonly string[]): Record<string, string> {
  const pinned = wheels
    .map((wheel) => /^nvidia-(cudnn|cublas|cuda-runtime)-cu\d+==(\S+)/.exec(wheel))
    .filter((match) => match !== null);
  return Object.fromEntries(pinned.map(([, library = '', version = '']) => [library, version]));
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n', 1)[0] ?? '';
}
