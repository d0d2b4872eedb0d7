import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { scratchFolder } from '../graft.ts';
import { pythonEnvironment } from '../processes/python-program.ts';

const VERSION = '1.23.2';
const script = fileURLToPath(new URL('./onnx-reference.py', import.meta.url));
const run = promisify(execFile);

interface Value {
  readonly name: string;
  readonly shape: readonly (string | number)[];
}

export interface CheckedOnnx {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** The operator sets that nodes are of, and those that the file names; ONNX's own is `ai.onnx`. */
  readonly domains: readonly string[];
  readonly imports: readonly string[];
}

/**
 * A file as the checker of the Python package onnx sees it, with full shape inference.
 * @throws Error with what the checker finds
 */
export async function checkOnnx(model: string, more: readonly string[] = []): Promise<CheckedOnnx> {
  const python = join(await pythonEnvironment('onnx', VERSION), 'bin', 'python');
  const { stdout } = await run(python, ['-B', script, model, ...more]);
  return JSON.parse(stdout);
}

/**
 * The same, and what the reference evaluator of that package computes: each output by its name.
 * @param images float32 [count, height, width, 3]
 */
export async function runOnnxReference(
  model: string,
  images: Float32Array,
  dims: readonly [count: number, height: number, width: number],
): Promise<CheckedOnnx & { readonly results: Readonly<Record<string, Float32Array>> }> {
  const folder = scratchFolder();
  const source = join(folder, 'images');
  await writeFile(source, images);
  const checked = await checkOnnx(model, [source, ...dims.map(String), folder]);
  const results: Record<string, Float32Array> = {};
  for (const { name } of checked.outputs) {
    const { buffer, byteOffset, byteLength } = await readFile(join(folder, name));
    results[name] = new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  }
  return { ...checked, results };
}
