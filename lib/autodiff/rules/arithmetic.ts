import { type GradientCall, type GradientRule, type GradientRules, onlyWhere, sumToShape } from '../gradient-rule.ts';

type Side = (call: GradientCall, a: string, b: string) => string;

/**
 * Creates the rule of an operation of two values. Where a value is broadcast, its gradient is the sum over the axes
 * along which it was repeated.
 */
function binary(ofFirst: Side, ofSecond: Side): GradientRule {
  return (call) => {
    const { node, graph, dims, needs } = call;
    const { length } = node.node.input;
    if (length !== 2) throw node.unsupported({ expected: 'two inputs', received: length });
    const [a, b] = [node.input(0), node.input(1)];
    return [ofFirst, ofSecond].map((side, i) =>
      needs(i) ? sumToShape(graph, side(call, a, b), dims(node.output), dims(node.input(i))) : undefined,
    );
  };
}

const pass: Side = ({ upstream }) => upstream;

/** Rules of elementwise operations of two values. */
export const arithmeticRules: GradientRules = {
  /** da = dy, db = dy */
  Add: binary(pass, pass),
  /** da = dy, db = -dy */
  Sub: binary(pass, ({ graph, upstream }) => graph.add('Neg', [upstream])),
  /** da = dy b, db = dy a */
  Mul: binary(
    ({ graph, upstream }, _, b) => graph.add('Mul', [upstream, b]),
    ({ graph, upstream }, a) => graph.add('Mul', [upstream, a]),
  ),
  /** da = dy / b, db = -dy y / b */
  Div: binary(
    ({ graph, upstream }, _, b) => graph.add('Div', [upstream, b]),
    ({ graph, upstream, node }, _, b) => graph.add('Neg', [graph.add('Div', [graph.add('Mul', [upstream, node.output]), b])]),
  ),
  /** da = dy where a >= b, db = dy elsewhere */
  Max: binary(
    ({ graph, upstream }, a, b) => onlyWhere(graph, graph.add('GreaterOrEqual', [a, b]), upstream),
    ({ graph, upstream }, a, b) => onlyWhere(graph, graph.add('Less', [a, b]), upstream),
  ),
  /** da = dy where a <= b, db = dy elsewhere */
  Min: binary(
    ({ graph, upstream }, a, b) => onlyWhere(graph, graph.add('LessOrEqual', [a, b]), upstream),
    ({ graph, upstream }, a, b) => onlyWhere(graph, graph.add('Greater', [a, b]), upstream),
  ),
  /** y = x^p of a constant p: dx = dy p x^(p - 1) */
  Pow: ({ node, graph, upstream }) => {
    const exponent = node.scalar(1) ?? 1;
    const power = graph.add('Pow', [node.input(0), graph.floats([exponent - 1])]);
    return [graph.add('Mul', [upstream, graph.add('Mul', [power, graph.floats([exponent])])])];
  },
};
