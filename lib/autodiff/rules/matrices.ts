import { type GradientCall, type GradientRule, type GradientRules, reshapeTo, sumToShape } from '../gradient-rule.ts';
import { broadcast } from '../infer-shapes.ts';

/**
 * y = alpha A B + beta c, where A and B may be transposed: dA = alpha dy B', dB = alpha A' dy, dc = beta dy summed to
 * the shape of c.
 */
const gemm: GradientRule = ({ node, graph, upstream, dims, needs }) => {
  const [a, b, c] = [node.input(0), node.input(1), node.input(2)];
  const [turnedA, turnedB] = [node.int('transA', 0), node.int('transB', 0)];
  const scaled = (name: string, factor: number): string =>
    factor === 1 ? name : graph.add('Mul', [name, graph.floats([factor])]);
  const product = (x: string, transA: number, y: string, transB: number): string =>
    scaled(graph.add('Gemm', [x, y], { transA, transB }), node.float('alpha', 1));
  const ofA = (): string => (turnedA ? product(b, turnedB, upstream, 1) : product(upstream, 0, b, 1 - turnedB));
  const ofB = (): string => (turnedB ? product(upstream, 1, a, turnedA) : product(a, 1 - turnedA, upstream, 0));
  return [
    needs(0) ? ofA() : undefined,
    needs(1) ? ofB() : undefined,
    needs(2) ? sumToShape(graph, scaled(upstream, node.float('beta', 1)), dims(node.output), dims(c)) : undefined,
  ];
};

/** y = A B of the last two axes: dA = dy B', dB = A' dy, each summed over the axes along which it was broadcast. */
const matMul: GradientRule = (call) => {
  const { node, graph, upstream, dims, needs } = call;
  const [a, b] = [node.input(0), node.input(1)];
  const [sizesA, sizesB] = [dims(a), dims(b)];
  if (sizesA.length < 2 || sizesB.length < 2) throw node.unsupported({ expected: 'matrices', received: [sizesA, sizesB] });
  if (sizesB.length === 2) return sharedMatrix(call);
  const batch = broadcast(sizesA.slice(0, -2), sizesB.slice(0, -2));
  const turned = (name: string): string => {
    const rank = dims(name).length;
    const axes = Array.from({ length: rank }, (_, axis) => axis);
    return graph.add('Transpose', [name], { perm: [...axes.slice(0, -2), rank - 1, rank - 2] });
  };
  return [
    needs(0) ? sumToShape(graph, graph.add('MatMul', [upstream, turned(b)]), [...batch, ...sizesA.slice(-2)], sizesA) : undefined,
    needs(1) ? sumToShape(graph, graph.add('MatMul', [turned(a), upstream]), [...batch, ...sizesB.slice(-2)], sizesB) : undefined,
  ];
};

/** All rows of A meet the same B, so each gradient is a single product of matrices. */
function sharedMatrix({ node, graph, upstream, dims, needs }: GradientCall): (string | undefined)[] {
  const [a, b] = [node.input(0), node.input(1)];
  const rows = (name: string): string => {
    const sizes = dims(name === upstream ? node.output : name);
    return sizes.length === 2 ? name : reshapeTo(graph, name, [null, sizes.at(-1) ?? null]);
  };
  const ofA = (): string => {
    const product = graph.add('Gemm', [rows(upstream), b], { transB: 1 });
    return dims(a).length === 2 ? product : reshapeTo(graph, product, dims(a));
  };
  return [needs(0) ? ofA() : undefined, needs(1) ? graph.add('Gemm', [rows(a), rows(upstream)], { transA: 1 }) : undefined];
}

/** Rules of products of matrices. */
export const matrixRules: GradientRules = { Gemm: gemm, MatMul: matMul };
