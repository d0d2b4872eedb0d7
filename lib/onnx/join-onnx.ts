import { GraftError } from '../errors.ts';
import { atOpset } from './at-opset.ts';
import type { OnnxAttribute, OnnxDimension, OnnxGraph, OnnxModel, OnnxNode, OnnxOpset, OnnxValueInfo } from './onnx-model.ts';
import { decodeModel, encodeModel, metadataProperties } from './protobuf.ts';
import { opsetOf, requiredInputs } from './read-onnx.ts';

export interface JoinNames {
  /** Default: as in the first model. */
  readonly input?: string;
  /** Default: as in the second model. */
  readonly output?: string;
}

/**
 * One model of two: what the first puts out is what the second takes, as a trunk and its head. The result has the first
 * model's input and the second's output, under the names that are given, and the metadata of both (the second's where both have
 * a key). Where their versions of ONNX's operators differ, the second is rewritten to the first's, which works for heads.
 * @throws GraftError ONNX_JOIN_MISMATCH when output and input differ in shape or type, or when the operator sets do
 */
export function joinOnnx(first: Uint8Array, second: Uint8Array, wanted: JoinNames = {}): Uint8Array {
  const trunk = decodeModel(first);
  const head = inOpsetOf(trunk, decodeModel(second));
  const input = sole(requiredInputs(trunk.graph), 'input of the first model');
  const output = sole(head.graph.output, 'output of the second model');
  const left = sole(trunk.graph.output, 'output of the first model');
  const right = sole(requiredInputs(head.graph), 'input of the second model');
  needSameType(left, right);

  const result = { input: input.name, output: output.name, ...wanted };
  const names = new Names([result.input, result.output]);
  const trunkGraph = renameGraph(trunk.graph, names.renaming({ [input.name]: result.input }));
  const meeting = sole(trunkGraph.output, 'output of the first model').name;
  const headGraph = renameGraph(head.graph, names.renaming({ [right.name]: meeting, [output.name]: result.output }));
  const joined: OnnxModel = {
    ...trunk,
    irVersion: Math.max(trunk.irVersion, head.irVersion),
    opsetImport: joinOpsets(trunk.opsetImport, head.opsetImport),
    functions: [...(trunk.functions ?? []), ...(head.functions ?? [])],
    metadataProps: metadataProperties(
      Object.fromEntries([...trunk.metadataProps, ...head.metadataProps].map(({ key, value }) => [key, value])),
    ),
    graph: {
      ...trunkGraph,
      name: `${trunk.graph.name} + ${head.graph.name}`,
      node: [...trunkGraph.node, ...headGraph.node],
      initializer: [...trunkGraph.initializer, ...headGraph.initializer],
      output: headGraph.output,
      valueInfo: [...trunkGraph.valueInfo, ...headGraph.valueInfo],
    },
  };
  return encodeModel(joined);
}

/** Gives every name of both graphs one that is free in the joined graph. */
class Names {
  readonly #taken: Set<string>;

  constructor(reserved: readonly string[]) {
    this.#taken = new Set(reserved);
  }

  /** A renaming that keeps what is free; `fixed` says what certain names become. */
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
  return { ...node, attribute, name: rename(node.name), input: node.input.map(rename), output: node.output.map(rename) };
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

/** An open size, as a batch is, meets any other. */
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
