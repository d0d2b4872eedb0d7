import { expect, test } from 'vitest';
import { openComputation } from '../../../lib/onnx/computation.ts';

test('a computation gives its outputs by name, for inputs of any size that fits', async () => {
  const computation = await openComputation({ a: [null, 2], factor: [] }, (graph, { a, factor }) => {
    const scaled = graph.add('Mul', [a, factor]);
    return { scaled, total: graph.add('ReduceSum', [scaled], { keepdims: 0 }) };
  });
  for (const rows of [1, 3]) {
    const data = Float32Array.from({ length: rows * 2 }, (_, i) => i);
    const { scaled, total } = await computation.run(
      new Map([
        ['a', { data, dims: [rows, 2] }],
        ['factor', { data: Float32Array.of(10), dims: [] }],
      ]),
    );
    expect([...scaled]).toEqual([...data].map((value) => 10 * value));
    expect([...total]).toEqual([[...data].reduce((sum, value) => sum + 10 * value, 0)]);
  }
  const wrong = new Map([['a', { data: new Float32Array(3), dims: [1, 3] }]]);
  await expect(computation.run(wrong)).rejects.toMatchObject({ code: 'ONNX_RUN_FAILED' });
  await computation.close();
});
