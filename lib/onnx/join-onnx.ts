import { GraftError } from '../errors.ts';
import { atOpset } from './at-opset.ts';
import type { OnnxAttribute, OnnxDimension, OnnxGraph, OnnxModel, OnnxNode, OnnxOpset, OnnxValueInfo } from './onnx-model.ts';
import { decodeModel, encodeModel, metadataProperties } from './protobuf.ts';
import { opsetOf, requiredInputs } from './read-onnx.ts';

/** Names of the joined model's input and output. */
export interface JoinNames {
  /** Default: the first model's name. */
  readonly input?: string;
  /** Default: the second model's name. */
  readonly output?: string;
}

/** Another model that takes the first model's output, and the name of its own output in the joined model. */
export interface OnnxBranch {
  readonly onnx: Uint8Array;
  readonly output: string;
}

/**
 * Joins two models, such as a trunk and its head, by feeding the first model's output to the second. The result has
 * the first model's input, the second model's output and the metadata of both; the second model's values win. If the
 * opsets differ, the second model is rewritten for the first's opset, which works for heads only.
 * @param branches give the joined model further outputs, after the second model's
 * @returns the bytes of the joined model
 * @throws GraftError ONNX_JOIN_MISMATCH if output and input differ in shape or type, or if the opsets are
 *   incompatible
 */
export function joinOnnx(
  first: Uint8Array,
  second: Uint8Array,
  wanted: JoinNames = {},
  branches: readonly OnnxBranch[] = [],
): Uint8Array {
  const trunk = decodeModel(first);
  const input = sole(requiredInputs(trunk.graph), 'input of the first model');
  const left = sole(trunk.graph.output, 'output of the first model');
  const heads = [{ onnx: second, output: wanted.output }, ...branches].map(({ onnx, output: name }) => {
    const model = inOpsetOf(trunk, decodeModel(onnx));
    const output = sole(model.graph.output, 'output of the second model');
    const right = sole(requiredInputs(model.graph), 'input of the second model');
    needSameType(left, right);
    return { model, input: right.name, output: output.name, named: name ?? output.name };
  });

  const inputName = wanted.input ?? input.name;
  const names = new Names([inputName, ...heads.map(({ named }) => named)]);
  const trunkGraph = renameGraph(trunk.graph, names.renaming({ [input.name]: inputName }));
  const meeting = sole(trunkGraph.output, 'output of the first model').name;
  const models = [trunk, ...heads.map(({ model }) => model)];
  const graphs = [
    trunkGraph,
    ...heads.map((head) => renameGraph(head.model.graph, names.renaming({ [head.input]: meeting, [head.output]: head.named }))),
  ];
  const joined: OnnxModel = {
    ...trunk,
    irVersion: Math.max(...models.map(({ irVersion }) => irVersion)),
    opsetImport: models.map(({ opsetImport }) => opsetImport).reduce(joinOpsets),
    functions: models.flatMap(({ functions = [] }) => functions),
    metadataProps: metadataProperties(
      Object.fromEntries(models.flatMap(({ metadataProps }) => metadataProps).map(({ key, value }) => [key, value])),
    ),
    graph: {
      ...trunkGraph,
      name: models.map(({ graph }) => graph.name).join(' + '),
      node: graphs.flatMap(({ node }) => node),
      initializer: graphs.flatMap(({ initializer }) => initializer),
      output: graphs.slice(1).flatMap(({ output }) => output),
      valueInfo: graphs.flatMap(({ valueInfo }) => valueInfo),
    },
  };
  return encodeModel(joined);
}

/** Assigns every name of both graphs a unique name in the joined graph. */
class Names {
  readonly #taken: Set<string>;

  constructor(reserved: readonly string[]) {
    this.#taken = new Set(reserved);
  }

  /** Returns a function that renames values. It keeps unused names; `fixed` maps certain names to their new ones. */
  renaming(fixed: Readonly<Record<string, string>>): Rename {
    const known = new Map([['', ''], ...Object.entries(fixed)]);
    return (name) => {
      const renamed = known.get(name) ?? this.#free(name);
      known.set(name, renamed);
      return renamed;
    };
  }

  #free(name: string): string {
    let free = name;
    for (let count = 2; this.#taken.has(free); count++) free = `${name}_${count}`;
    this.#taken.add(free);
    return free;
  }
}

function inOpsetOf(trunk: OnnxModel, head: OnnxModel): OnnxModel {
  const version = opsetOf(trunk);
  return opsetOf(head) === version ? head : atOpset(head, version);
}

type Rename = (name: string) => string;

function renameGraph(graph: OnnxGraph, rename: Rename): OnnxGraph {
  const renamed = <T extends { readonly name: string }>(items: readonly T[]): T[] =>
    items.map((item) => ({ ...item, name: rename(item.name) }));
  return {
    ...graph,
    input: renamed(graph.input),
    output: renamed(graph.output),
    initializer: renamed(graph.initializer),
    valueInfo: renamed(graph.valueInfo),
    node: graph.node.map((node) => renameNode(node, rename)),
  };
}

function renameNode(node: OnnxNode, rename: Rename): OnnxNode {
  const attribute = node.attribute.map(
    ({ g, graphs, ...rest }): OnnxAttribute => ({
      ...rest,
      ...(g && { g: renameGraph(g, rename) }),
      ...(graphs && { graphs: graphs.map((graph) => renameGraph(graph, rename)) }),
    }),
  );
  return { ...node, attribute, name: rename(node.name ?? ''), input: node.input.map(rename), output: node.output.map(rename) };
}

function sole(values: readonly OnnxValueInfo[], what: string): OnnxValueInfo {
  const [value, ...more] = values;
  if (value !== undefined && more.length === 0) return value;
  throw mismatch(
    `one ${what}`,
    values.map(({ name }) => name),
  );
}

function needSameType(output: OnnxValueInfo, input: OnnxValueInfo): void {
  const from = output.type?.tensorType;
  const to = input.type?.tensorType;
  const have = from?.shape?.dim ?? [];
  const want = to?.shape?.dim ?? [];
  const fits =
    from?.elemType === to?.elemType && have.length === want.length && have.every((size, axis) => sameSize(size, want[axis]));
  if (!fits) throw mismatch(`an output ${show(want)} of the first model for the second's input`, show(have));
}

/** Compares two sizes. A dynamic size, such as the batch, matches any other. */
function sameSize(a: OnnxDimension, b: OnnxDimension | undefined): boolean {
  return !a.dimValue || !b?.dimValue || a.dimValue === b.dimValue;
}

function show(dims: readonly OnnxDimension[]): string {
  return `[${dims.map(({ dimValue, dimParam }) => dimValue || dimParam || '?').join(', ')}]`;
}

function joinOpsets(first: readonly OnnxOpset[], second: readonly OnnxOpset[]): OnnxOpset[] {
  const versions = new Map<string, number>();
  for (const { domain = '', version } of [...first, ...second]) {
    const known = versions.get(domain) ?? version;
    if (known !== version) throw mismatch(`version ${known} of the operators ${domain || 'ai.onnx'} in both models`, version);
    versions.set(domain, version);
  }
  return [...versions].map(([domain, version]) => ({ domain, version }));
}

function mismatch(expected: string, received: unknown): GraftError {
  return new GraftError('ONNX_JOIN_MISMATCH', {
    expected,
    received,
    fix: 'export both models again, the head for the features of the trunk',
  });
}
