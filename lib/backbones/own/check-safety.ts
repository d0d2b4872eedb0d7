import { DataError } from '../../errors.ts';
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from '../../onnx/onnx-model.ts';
import { type Encoder, eachNode, subgraphs } from './encoder.ts';

/** The operator domains of the ONNX standard: its own, and ai.onnx.ml. A published model has no others. */
const domains = new Set(['', 'ai.onnx', 'ai.onnx.ml']);
/** Domains of operators that only onnxruntime has. Its optimizer writes them, as does Optimum with `--optimize`. */
const ofOnnxRuntime = /^(com\.microsoft|com\.ms)\b/;
/** The first opset whose elementwise operators have today's definitions. */
const oldestOpset = 11;
const random = new Set(['Bernoulli', 'Multinomial', 'RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike']);

/**
 * Rejects a model that would read other files, could loop forever, gives different features on each run, or needs
 * code that onnxruntime lacks. Checks only the part of the model that the encoder keeps.
 * @throws DataError OWN_MODEL_EXTERNAL_DATA, OWN_MODEL_SPARSE, OWN_MODEL_FUNCTION, OWN_MODEL_CUSTOM_OPERATOR,
 *   OWN_MODEL_LOOP, OWN_MODEL_RANDOM, OWN_MODEL_TRAINING_MODE, OWN_MODEL_OPSET
 */
export function checkSafety(encoder: Encoder, { functions = [], graph }: OnnxModel): void {
  const own = new Set(functions.map(({ domain = '', name = '' }) => `${domain}.${name}`));
  if (encoder.opset < oldestOpset) throw tooOld(encoder.opset);
  if (isSparse(graph)) throw sparse(graph.name);
  for (const tensor of encoder.weights) refuseExternal(tensor);
  for (const node of eachNode(encoder.nodes)) {
    refuseOperator(node, own);
    for (const tensor of tensorsOf(node)) refuseExternal(tensor);
    if (holdsSparse(node)) throw sparse(node.name || (node.output[0] ?? ''));
  }
}

function refuseOperator(node: OnnxNode, own: ReadonlySet<string>): void {
  const { domain = '', opType } = node;
  if (own.has(`${domain}.${opType}`)) {
    const fix = 'write the functions out: onnx.inliner.inline_local_functions(model)';
    throw refused('FUNCTION', node, 'a graph without functions of its own', fix);
  }
  if (!domains.has(domain)) {
    const how = ofOnnxRuntime.test(domain)
      ? "export the model without ONNX Runtime's graph optimizations (with Optimum: without --optimize)"
      : 'export the model with standard operators';
    const fix = `${how}, or name an output before this node (--own-output)`;
    throw refused('CUSTOM_OPERATOR', node, `operators of ${[...domains].filter(Boolean).join(', ')}`, fix);
  }
  if (opType === 'Loop') throw refused('LOOP', node, 'a graph that is sure to end', 'export the encoder without loops');
  if (random.has(opType)) throw refused('RANDOM', node, 'the same features each time', 'export the model for inference');
  if (opType === 'BatchNormalization' && node.attribute.some(({ name, i }) => name === 'training_mode' && i === 1)) {
    const fix = 'export it for inference: model.eval() before torch.onnx.export';
    throw refused('TRAINING_MODE', node, 'moving statistics in every BatchNormalization', fix);
  }
}

function refuseExternal(tensor: OnnxTensor): void {
  if (tensor.dataLocation !== 1 && (tensor.externalData ?? []).length === 0) return;
  const location = tensor.externalData?.find(({ key }) => key === 'location')?.value;
  throw new DataError('OWN_MODEL_EXTERNAL_DATA', {
    at: tensor.name,
    expected: 'all weights inside the ONNX file',
    received: `weights in ${location ?? 'another file'}`,
    fix: 'write one file: onnx.save(onnx.load("model.onnx"), "one.onnx"), or torch.onnx.export(..., external_data=False)',
  });
}

function tensorsOf(node: OnnxNode): OnnxTensor[] {
  const inAttributes = node.attribute.flatMap(({ t, tensors = [] }) => (t === undefined ? [...tensors] : [t, ...tensors]));
  return [...inAttributes, ...subgraphs(node).flatMap(({ initializer }) => initializer)];
}

function holdsSparse(node: OnnxNode): boolean {
  const inAttributes = node.attribute.some(({ sparseTensor, sparseTensors = [] }) => sparseTensor || sparseTensors.length > 0);
  return inAttributes || subgraphs(node).some(isSparse);
}

function isSparse({ sparseInitializer = [] }: OnnxGraph): boolean {
  return sparseInitializer.length > 0;
}

function sparse(at: string): DataError {
  return new DataError('OWN_MODEL_SPARSE', {
    at,
    expected: 'dense weights',
    received: 'sparse ones',
    fix: 'export the model with dense weights',
  });
}

function refused(what: string, { name, domain, opType }: OnnxNode, expected: string, fix: string): DataError {
  const received = domain ? `${domain}.${opType}` : opType;
  return new DataError(`OWN_MODEL_${what}`, { at: name || opType, expected, received, fix });
}

function tooOld(received: number): DataError {
  return new DataError('OWN_MODEL_OPSET', {
    expected: `version ${oldestOpset} of ONNX's operators or a later one`,
    received,
    fix: 'export the model again with opset_version=17, or convert it: onnx.version_converter.convert_version(model, 17)',
  });
}
