import { readFile } from 'node:fs/promises';
import { compileString } from 'assemblyscript/asc';
import { expect, test } from 'vitest';

const folder = new URL('../../../../../lib/training/onnx/optimizers/', import.meta.url);

// `vitest run -u` updates the file after its source, or the compiler, was replaced.
test('the compiled kernels are what their source says', async () => {
  const source = await readFile(new URL('assembly/update-kernels.ts', folder), 'utf8');
  const { error, binary } = await compileString(source, {
    optimizeLevel: 3,
    noAssert: true,
    runtime: 'stub',
    importMemory: true,
    enable: ['simd'],
  });
  expect(error).toBeNull();
  const compiled = { wasm: Buffer.from(binary ?? []).toString('base64') };
  await expect(`${JSON.stringify(compiled)}\n`).toMatchFileSnapshot(new URL('update-kernels.generated.json', folder).pathname);
});
