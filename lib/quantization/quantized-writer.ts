import { writeAttribute } from '../onnx/attribute.ts';
import { elementType, type OnnxNode, type OnnxTensor } from '../onnx/onnx-model.ts';
import { floatsOf } from '../onnx/read-tensor.ts';
import type { ActivationRange } from './activation-range.ts';
import type { Layer } from './find-layers.ts';
import { makeTensor } from './make-tensor.ts';
import { quantizeBias, quantizeWeights } from './quantize-weights.ts';

/** Writes the nodes of int8 layers in QDQ form, and collects their constants. */
export class QuantizedWriter {
  readonly #constants = new Map<string, OnnxTensor>();

  get constants(): OnnxTensor[] {
    return [...this.#constants.values()];
  }

  /** Quantizes a value to uint8 and back. @returns nodes, the last of which writes `NAME/dequantized` */
  activation(name: string, { scale, zeroPoint }: ActivationRange): OnnxNode[] {
    const parameters = [
      this.#add(`${name}/scale`, [], elementType.float32, Float32Array.of(scale)),
      this.#add(`${name}/zero_point`, [], elementType.uint8, Uint8Array.of(zeroPoint)),
    ];
    return [
      node('QuantizeLinear', `${name}/quantized`, [name, ...parameters]),
      node('DequantizeLinear', `${name}/dequantized`, [`${name}/quantized`, ...parameters]),
    ];
  }

  /**
   * Gives a layer int8 weights and an int32 bias.
   * @param given its node, which reads the dequantized input
   * @param range of its input
   */
  layer(given: OnnxNode, { output: name, weights, bias, axis }: Layer, range: ActivationRange): OnnxNode[] {
    const biases = bias && floatsOf(bias);
    const { values, scales } = quantizeWeights(weights, axis, biases, range.scale);
    const channels = [scales.length];
    const zeros = this.#add(`${name}/zeros`, channels, elementType.int8, new Int8Array(scales.length));
    const weightScale = this.#add(`${name}/weights_scale`, channels, elementType.float32, scales);
    const weightValues = this.#add(`${name}/weights`, weights.dims, elementType.int8, values);
    const written = [node('DequantizeLinear', `${name}/weights_float`, [weightValues, weightScale, zeros], { axis })];
    const input = [given.input[0] ?? '', `${name}/weights_float`];
    if (biases !== undefined) {
      const int32 = quantizeBias(biases, scales, range.scale);
      const unit = scales.map((scale) => scale * range.scale);
      const parameters = [
        this.#add(`${name}/bias_values`, channels, elementType.int32, int32),
        this.#add(`${name}/bias_scale`, channels, elementType.float32, unit),
      ];
      written.push(node('DequantizeLinear', `${name}/bias_float`, parameters, { axis: 0 }));
      input.push(`${name}/bias_float`);
    }
    return [...written, { ...given, input }];
  }

  #add(name: string, dims: readonly number[], dataType: number, values: ArrayBufferView): string {
    this.#constants.set(name, makeTensor(name, dims, dataType, values));
    return name;
  }
}

function node(
  opType: string,
  output: string,
  input: readonly string[],
  attributes: Readonly<Record<string, number>> = {},
): OnnxNode {
  const attribute = Object.entries(attributes).map(([name, value]) => writeAttribute(name, value));
  return { name: output, opType, input, output: [output], attribute };
}
