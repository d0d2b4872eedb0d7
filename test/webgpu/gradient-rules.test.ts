import { describe, expect, it } from 'vitest';
import { openTensorSession } from '../../lib/onnx/tensor-session.ts';
import { type Checked, gradientGraph } from '../lib/autodiff/check-gradients.ts';
import { convolutionCases } from '../lib/autodiff/convolution-cases.ts';
import { gradientCases } from '../lib/autodiff/gradient-cases.ts';
import { hasWebGpu } from '../support/browser/web-gpu.ts';

const cases = [...gradientCases, ...convolutionCases];

describe.skipIf(!(await hasWebGpu()))('each rule on WebGPU', () => {
  it.each(cases)('has the value and the gradients of the CPU: $title', async (given) => {
    const [cpu, webgpu] = [await run(given, 'cpu'), await run(given, 'webgpu')];
    for (const [name, { data, dims }] of cpu) {
      const other = webgpu.get(name)!;
      expect(other.dims, name).toEqual(dims);
      const scale = Math.max(...data.map(Math.abs), 1e-3);
      expect(Math.max(...data.map((value, i) => Math.abs(value - other.data[i]!))) / scale, name).toBeLessThan(1e-4);
    }
  });
});

async function run(given: Checked, device: 'cpu' | 'webgpu') {
  const { model, output, gradients, feeds } = gradientGraph(given);
  const session = await openTensorSession(model, { device, threads: 1 });
  try {
    return await session.run(feeds, new Map([output, ...gradients.values()].map((name) => [name, undefined])));
  } finally {
    await session.close();
  }
}
