import type { GraphBuilder } from '../../onnx/graph-builder.ts';
import { type GradientCall, type GradientRule, type GradientRules, onlyWhere } from '../gradient-rule.ts';

/** Writes elementwise expressions. */
class Expressions {
  readonly graph: GraphBuilder;

  constructor(graph: GraphBuilder) {
    this.graph = graph;
  }

  number(value: number): string {
    return this.graph.floats([value]);
  }

  add(a: string, b: string): string {
    return this.graph.add('Add', [a, b]);
  }

  sub(a: string, b: string): string {
    return this.graph.add('Sub', [a, b]);
  }

  mul(a: string, b: string): string {
    return this.graph.add('Mul', [a, b]);
  }

  div(a: string, b: string): string {
    return this.graph.add('Div', [a, b]);
  }

  call(operator: string, x: string): string {
    return this.graph.add(operator, [x]);
  }

  greater(a: string, b: string): string {
    return this.graph.add('Greater', [a, b]);
  }
}

/** Creates the rule dx = dy f'(x) from the derivative f', of input x and output y. */
function derivative(of: (e: Expressions, x: string, y: string, call: GradientCall) => string): GradientRule {
  return (call) => {
    const e = new Expressions(call.graph);
    return [e.mul(call.upstream, of(e, call.node.input(0), call.node.output, call))];
  };
}

/** Creates the rule of a function that is x where a condition holds, and constant elsewhere. */
function passWhere(condition: (e: Expressions, x: string, y: string, call: GradientCall) => string): GradientRule {
  // A product takes less time than Where.
  return derivative((e, x, y, call) => e.graph.add('Cast', [condition(e, x, y, call)], { to: 1 }));
}

/** Returns f'(x) = low(x) for x <= 0, and high for x > 0. */
function twoSided(e: Expressions, x: string, high: string, low: string): string {
  return e.graph.add('Where', [e.greater(x, e.number(0)), high, low]);
}

const clip = passWhere((e, _, y, call) => inside(e, y, call));

function hasLimits({ node }: GradientCall): boolean {
  return node.input(1) !== '' || node.input(2) !== '';
}

/** y is between the limits of a Clip, of which it has at least one. */
function inside(e: Expressions, y: string, { node }: GradientCall): string {
  const [low, high] = [node.input(1), node.input(2)];
  if (low === '') return e.greater(high, y);
  if (high === '') return e.greater(y, low);
  return e.greater(e.mul(e.sub(y, low), e.sub(high, y)), e.number(0));
}

/** alpha x + beta is between 0 and 1. */
function onSlope(e: Expressions, y: string): string {
  return e.graph.add('And', [e.greater(y, e.number(0)), e.greater(e.number(1), y)]);
}

/** gelu(x) = x P(x), where P is the normal distribution: P(x) + x exp(-x^2 / 2) / sqrt(2 pi). */
function exactGelu(e: Expressions, x: string): string {
  const distribution = e.mul(e.number(0.5), e.add(e.number(1), e.call('Erf', e.mul(x, e.number(Math.SQRT1_2)))));
  const density = e.call('Exp', e.mul(e.mul(x, x), e.number(-0.5)));
  return e.add(distribution, e.mul(e.mul(x, density), e.number(1 / Math.sqrt(2 * Math.PI))));
}

/** gelu(x) = x (1 + t) / 2, t = tanh(k (x + c x^3)): (1 + t) / 2 + x (1 - t^2) k (1 + 3 c x^2) / 2. */
function approximateGelu(e: Expressions, x: string): string {
  const [k, c] = [Math.sqrt(2 / Math.PI), 0.044715];
  const square = e.mul(x, x);
  const t = e.call('Tanh', e.mul(e.mul(x, e.number(k)), e.add(e.number(1), e.mul(square, e.number(c)))));
  const slope = e.mul(e.sub(e.number(1), e.mul(t, t)), e.add(e.number(k / 2), e.mul(square, e.number((3 * c * k) / 2))));
  return e.add(e.mul(e.number(0.5), e.add(e.number(1), t)), e.mul(x, slope));
}

/** mish(x) = x t, t = tanh(softplus(x)): t + x (1 - t^2) sigmoid(x). */
function mish(e: Expressions, x: string): string {
  const t = e.call('Tanh', e.call('Softplus', x));
  return e.add(t, e.mul(e.mul(x, e.call('Sigmoid', x)), e.sub(e.number(1), e.mul(t, t))));
}

/** Rules of functions of one value. */
export const activationRules: GradientRules = {
  /** sign(x) */
  Abs: derivative((e, x) => e.call('Sign', x)),
  /** 1 between the limits, otherwise 0; without limits 1 */
  Clip: (call) => (hasLimits(call) ? clip(call) : [call.upstream]),
  /** 1 for x > 0, otherwise y + alpha = alpha exp(x) */
  Elu: derivative((e, x, y, { node }) => twoSided(e, x, e.number(1), e.add(y, e.number(node.float('alpha', 1))))),
  /** 2 / sqrt(pi) exp(-x^2) */
  Erf: derivative((e, x) => e.mul(e.call('Exp', e.call('Neg', e.mul(x, x))), e.number(2 / Math.sqrt(Math.PI)))),
  /** y */
  Exp: derivative((_, __, y) => y),
  Gelu: derivative((e, x, _, { node }) =>
    node.text('approximate', 'none') === 'tanh' ? approximateGelu(e, x) : exactGelu(e, x),
  ),
  /** alpha where 0 < y < 1, otherwise 0 */
  HardSigmoid: derivative((e, _, y, { node }) => onlyWhere(e.graph, onSlope(e, y), e.number(node.float('alpha', 0.2)))),
  /** y = x h, h = hard sigmoid: h + x / 6 where 0 < h < 1, otherwise h */
  HardSwish: derivative((e, x) => {
    const h = e.graph.add('Clip', [e.add(e.mul(x, e.number(1 / 6)), e.number(0.5)), e.number(0), e.number(1)]);
    return e.add(h, onlyWhere(e.graph, onSlope(e, h), e.mul(x, e.number(1 / 6))));
  }),
  Identity: ({ upstream }) => [upstream],
  /** 1 for x > 0, otherwise alpha */
  LeakyRelu: derivative((e, x, _, { node }) => twoSided(e, x, e.number(1), e.number(node.float('alpha', 0.01)))),
  /** 1 / x */
  Log: derivative((e, x) => e.call('Reciprocal', x)),
  Mish: derivative((e, x) => mish(e, x)),
  Neg: ({ graph, upstream }) => [graph.add('Neg', [upstream])],
  /** -y^2 */
  Reciprocal: derivative((e, _, y) => e.call('Neg', e.mul(y, y))),
  /** 1 for y > 0, otherwise 0 */
  Relu: passWhere((e, _, y) => e.greater(y, e.number(0))),
  /** gamma for x > 0, otherwise y + alpha gamma */
  Selu: derivative((e, x, y, { node }) => {
    const [alpha, gamma] = [node.float('alpha', 1.6732631921768188), node.float('gamma', 1.0507010221481323)];
    return twoSided(e, x, e.number(gamma), e.add(y, e.number(alpha * gamma)));
  }),
  /** y (1 - y) */
  Sigmoid: derivative((e, _, y) => e.mul(y, e.sub(e.number(1), y))),
  /** sigmoid(x) */
  Softplus: derivative((e, x) => e.call('Sigmoid', x)),
  /** 1 / (1 + |x|)^2 */
  Softsign: derivative((e, x) => {
    const root = e.call('Reciprocal', e.add(e.number(1), e.call('Abs', x)));
    return e.mul(root, root);
  }),
  /** 1 / (2 y) */
  Sqrt: derivative((e, _, y) => e.div(e.number(0.5), y)),
  /** 1 - y^2 */
  Tanh: derivative((e, _, y) => e.sub(e.number(1), e.mul(y, y))),
};
