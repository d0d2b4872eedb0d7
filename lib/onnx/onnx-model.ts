/**
 * The messages of onnx.proto that Graft writes and reads, as plain objects. A model that came from elsewhere may carry
 * more fields; they pass through unread, but `joinOnnx` looks into all that name values.
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

export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  /** An empty domain is ONNX's own. */
  readonly domain?: string;
  /** Names of values; an empty name stands for an optional input that is left out. */
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly OnnxAttribute[];
}

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

export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** One of `elementType`, or another that onnx.proto knows. */
  readonly dataType: number;
  /** The elements, row-major and little-endian. */
  readonly rawData?: Uint8Array;
  /** The elements where they are not raw: float32 and float64. */
  readonly floatData?: readonly number[];
  readonly doubleData?: readonly number[];
  /** 1 where the elements lie in another file, which `externalData` names. */
  readonly dataLocation?: number;
  readonly externalData?: readonly OnnxProperty[];
}

export interface OnnxValueInfo {
  readonly name: string;
  readonly type?: {
    readonly tensorType?: { readonly elemType?: number; readonly shape?: { readonly dim: readonly OnnxDimension[] } };
  };
}

/** A size, or the name of a size that is open. */
export interface OnnxDimension {
  readonly dimValue?: number;
  readonly dimParam?: string;
}

export interface OnnxOpset {
  readonly domain?: string;
  readonly version: number;
}

/** An operator that is written in ONNX itself. */
export interface OnnxFunction {
  readonly name?: string;
  readonly domain?: string;
}

export interface OnnxProperty {
  readonly key: string;
  readonly value: string;
}

/** TensorProto.DataType. */
export const elementType = { float32: 1, uint8: 2, int64: 7, float16: 10, float64: 11 } as const;

/** AttributeProto.AttributeType. */
export const attributeType = { float: 1, int: 2, string: 3, graph: 5, floats: 6, ints: 7 } as const;
