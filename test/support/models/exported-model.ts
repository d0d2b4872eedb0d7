import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openExplainerLazily as openExplainer } from '../../../lib/explanation/lazy-explainer.ts';
import { openServedModel } from '../../../lib/inference/served-model.ts';
import type { ExportedFile, ExportedModel } from '../../../lib/model-exports/exported-model.ts';
import { writeAttribute } from '../../../lib/onnx/attribute.ts';
import { GraphBuilder } from '../../../lib/onnx/graph-builder.ts';
import type { OnnxGraph } from '../../../lib/onnx/onnx-model.ts';
import { encodeModel } from '../../../lib/onnx/protobuf.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { valueInfo } from '../../../lib/onnx/value-info.ts';
import { mulberry32 } from '../../../lib/random.ts';
import { root } from '../docs/pages.ts';

const size = { height: 24, width: 32 } as const;

interface ClassifierOptions {
  readonly activation?: 'Softmax' | 'Sigmoid';
  /** Whether it has a novelty score: the place of the brightest value. */
  readonly novelty?: boolean;
}

/** A classifier with random weights. Every pixel counts, and width and height differ. */
export function classifier(labels: number, { activation = 'Softmax', novelty = false }: ClassifierOptions = {}): Uint8Array {
  const graph = new GraphBuilder();
  const { value, info } = graph.input('images', [null, size.height, size.width, 3]);
  const inputs = size.height * size.width * 3;
  const random = mulberry32(7);
  const kernel = graph.floats(
    Array.from({ length: inputs * labels }, () => (random() - 0.5) / 2048),
    [inputs, labels],
  );
  const logits = graph.add('MatMul', [graph.add('Flatten', [value.name]), kernel]);
  const output = { name: graph.add(activation, [logits]), shape: [null, labels], layout: 'channels-last' } as const;
  const opsetImport = [{ domain: '', version: 20 }];
  const model = { irVersion: 9, opsetImport, metadataProps: [] };
  const finished = graph.finish('classifier', info, output, 'probabilities');
  return encodeModel({ ...model, graph: novelty ? withNovelty(finished) : finished });
}

function withNovelty(graph: OnnxGraph): OnnxGraph {
  const node = (opType: string, input: string, output: string, attributes: Readonly<Record<string, number>> = {}) => ({
    opType,
    input: [input],
    output: [output],
    name: `novelty_${opType}`,
    domain: '',
    attribute: Object.entries(attributes).map(([name, value]) => writeAttribute(name, value)),
  });
  const nodes = [
    node('Flatten', 'images', 'flat', { axis: 1 }),
    node('ArgMax', 'flat', 'brightest', { axis: 1, keepdims: 0 }),
    node('Cast', 'brightest', 'novelty', { to: 1 }),
  ];
  return { ...graph, node: [...graph.node, ...nodes], output: [...graph.output, valueInfo('novelty', [null])] };
}

/** A model version as `graft export` reads it. */
export function exportedModel({
  labels = ['cardboard', 'glass', 'metal'],
  task = 'single-label',
  licence = 'Apache-2.0',
  novelty,
  crops = false,
}: {
  readonly labels?: readonly string[];
  readonly task?: 'single-label' | 'multi-label' | 'one-class';
  readonly licence?: string;
  /** The threshold of its novelty score; default: it has none. */
  readonly novelty?: number;
  /** Whether it crops images to the aspect ratio of its input. */
  readonly crops?: boolean;
} = {}): ExportedModel {
  const card = {
    model: 'rubbish',
    task,
    labels: [...labels],
    input: { ...size, resize: 'bilinear' as const, ...(crops && { cropToAspectRatio: true as const }) },
    ...(novelty !== undefined && { novelty: { rate: 0.05, threshold: novelty, images: 100, expectedShare: 0.05 } }),
    ...(task === 'multi-label' && { thresholds: labels.map((_, i) => (i % 2 === 0 ? 0.01 : 0.99)) }),
  };
  return {
    name: 'rubbish',
    version: 3,
    card,
    cardJson: new TextEncoder().encode(JSON.stringify(card)),
    onnx: classifier(labels.length, {
      activation: task === 'multi-label' ? 'Sigmoid' : 'Softmax',
      novelty: novelty !== undefined,
    }),
    backbone: { name: 'efficientnet_lite0', licence },
  };
}

/** What Graft itself predicts. */
export async function graftPredictions({ card, onnx }: ExportedModel, bytes: Uint8Array) {
  const model = await openServedModel({ card, onnx }, openSession, { openExplainer, readOnnx: async () => onnx });
  const [prediction] = await model.predict([{ name: 'image', bytes }], card.labels.length);
  await model.close();
  return prediction!.labels;
}

/** Writes an export, with the packages of this repository beside it if it needs them. */
export function writeExport(folder: string, files: readonly ExportedFile[], packages: readonly string[] = []): void {
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  for (const { name, content } of files) writeFileSync(join(folder, name), content);
  for (const name of packages) symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
}

/** Predictions by label, to compare in any order. */
export function byLabel(labels: readonly { readonly label: string; readonly probability: number }[]): Map<string, number> {
  return new Map(labels.map(({ label, probability }) => [label, probability]));
}

/** The largest difference between probabilities of the same labels. */
export function largestDifference(
  a: readonly { readonly label: string; readonly probability: number }[],
  b: readonly { readonly label: string; readonly probability: number }[],
): number {
  const other = byLabel(b);
  return Math.max(...a.map(({ label, probability }) => Math.abs(probability - (other.get(label) ?? Number.NaN))));
}
