/**
 * The messages of onnx.proto that Graft reads and writes, as plain objects. Imported models may have more fields.
 * Graft preserves them unread, except that `joinOnnx` processes every field that names values.
 */
export interface OnnxModel {
  readonly irVersion: number;
  readonly producerName?: string;
  readonly producerVersion?: string;
  readonly graph: OnnxGraph;
  readonly opsetImport: readonly OnnxOpset[];
  readonly metadataProps: readonly OnnxProperty[];
  readonly functions?: readonly OnnxFunction[];
}

/** GraphProto: nodes in topological order, weights, inputs and outputs. */
export interface OnnxGraph {
  readonly name: string;
  readonly node: readonly OnnxNode[];
  readonly initializer: readonly OnnxTensor[];
  readonly input: readonly OnnxValueInfo[];
  readonly output: readonly OnnxValueInfo[];
  readonly valueInfo: readonly OnnxValueInfo[];
  readonly sparseInitializer?: readonly object[];
  readonly quantizationAnnotation?: readonly object[];
}

/** NodeProto: one call of an operator. */
export interface OnnxNode {
  /** Absent or empty in some imported models, and not always unique: the names of outputs are. */
  readonly name?: string;
  readonly opType: string;
  /** Empty for ONNX's own operators. */
  readonly domain?: string;
  /** Names of values. An empty name stands for an omitted optional input. */
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly OnnxAttribute[];
}

/** AttributeProto: a named setting of a node. */
export interface OnnxAttribute {
  readonly name: string;
  /** One of `attributeType`. */
  readonly type: number;
  readonly f?: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly t?: OnnxTensor;
  readonly g?: OnnxGraph;
  readonly sparseTensor?: object;
  readonly floats?: readonly number[];
  readonly ints?: readonly number[];
  readonly tensors?: readonly OnnxTensor[];
  readonly graphs?: readonly OnnxGraph[];
  readonly sparseTensors?: readonly object[];
}

/** TensorProto: a constant or a weight. */
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** One of `elementType`, or another type of onnx.proto. */
  readonly dataType: number;
  /** The elements, row-major and little-endian. */
  readonly rawData?: Uint8Array;
  /** The elements of float32 and float64 tensors without `rawData`. */
  readonly floatData?: readonly number[];
  readonly doubleData?: readonly number[];
  /** The elements of int64 tensors without `rawData`. An element that no number holds exactly is two halves. */
  readonly int64Data?: readonly (number | { readonly low: number; readonly high: number })[];
  /** 1 if the elements are in another file, which `externalData` names. */
  readonly dataLocation?: number;
  readonly externalData?: readonly OnnxProperty[];
}

/** ValueInfoProto: name, type and shape of a value. */
export interface OnnxValueInfo {
  readonly name: string;
  readonly type?: {
    readonly tensorType?: { readonly elemType?: number; readonly shape?: { readonly dim: readonly OnnxDimension[] } };
  };
}

/** A size, or the name of a dynamic size. */
export interface OnnxDimension {
  readonly dimValue?: number;
  readonly dimParam?: string;
}

/** OperatorSetIdProto: a domain and its opset. */
export interface OnnxOpset {
  readonly domain?: string;
  readonly version: number;
}

/** An operator defined by other ONNX operators. */
export interface OnnxFunction {
  readonly name?: string;
  readonly domain?: string;
}

/** StringStringEntryProto: one entry of the metadata. */
export interface OnnxProperty {
  readonly key: string;
  readonly value: string;
}

/** Element types, as in TensorProto.DataType. */
export const elementType = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10, float64: 11 } as const;

/** Attribute types, as in AttributeProto.AttributeType. */
export const attributeType = { float: 1, int: 2, string: 3, graph: 5, floats: 6, ints: 7 } as const;
