import type { JobSpecInput } from '../../lib/contracts/job-spec.ts';

/** A job on the bundled sample whose time is estimated and measured. */
export interface EstimatedCase {
  readonly name: string;
  readonly runtime: 'native' | 'wasm';
  readonly spec: Omit<JobSpecInput, 'name' | 'dataset'>;
}

const mobilenet = { name: 'mobilenet', alpha: 0.25, inputSize: 96, weights: 'none' };
const b0 = { name: 'efficientnet_b0', inputSize: 96, weights: 'none' };
const resnet = { name: 'resnet50', inputSize: 64, weights: 'none' };
const densenet = { name: 'densenet121', inputSize: 64, weights: 'none' };
const vgg = { name: 'vgg16', inputSize: 64, weights: 'none' };

/** Backbones, input sizes and strategies on both runtimes; small enough for two cores. */
export const ESTIMATE_JOBS: readonly EstimatedCase[] = [
  { name: 'the defaults', runtime: 'native', spec: {} },
  { name: 'the defaults', runtime: 'wasm', spec: {} },
  { name: 'a frozen backbone', runtime: 'native', spec: { strategy: 'feature-extraction' } },
  { name: 'a frozen backbone at 128', runtime: 'wasm', spec: { strategy: 'feature-extraction', backbone: { inputSize: 128 } } },
  { name: 'earlier features', runtime: 'native', spec: { strategy: 'earlier-features', backbone: { inputSize: 160 } } },
  { name: 'earlier features', runtime: 'wasm', spec: { strategy: 'earlier-features', backbone: { inputSize: 96 } } },
  { name: 'the top stages at 128', runtime: 'native', spec: { strategy: 'fine-tune-top', backbone: { inputSize: 128 } } },
  { name: 'the top stages at 64', runtime: 'wasm', spec: { strategy: 'fine-tune-top', backbone: { inputSize: 64 } } },
  { name: 'all layers at 64', runtime: 'native', spec: { strategy: 'fine-tune-all', backbone: { inputSize: 64 } } },
  { name: 'MobileNet, all layers', runtime: 'native', spec: { strategy: 'fine-tune-all', backbone: mobilenet } },
  {
    name: 'MobileNet, all layers',
    runtime: 'wasm',
    spec: { strategy: 'fine-tune-all', backbone: { ...mobilenet, inputSize: 64 } },
  },
  { name: 'EfficientNet-B0, frozen', runtime: 'wasm', spec: { strategy: 'feature-extraction', backbone: b0 } },
  { name: 'EfficientNet-B0, top stages', runtime: 'native', spec: { strategy: 'fine-tune-top', backbone: b0 } },
  { name: 'ResNet-50, frozen', runtime: 'native', spec: { strategy: 'feature-extraction', backbone: resnet } },
  { name: 'ResNet-50, frozen, MLP', runtime: 'wasm', spec: { strategy: 'feature-extraction', backbone: resnet, head: 'mlp' } },
  {
    name: 'DenseNet-121, top stages, 5 epochs',
    runtime: 'native',
    spec: { strategy: 'fine-tune-top', backbone: densenet, fineTuning: { epochs: 5 } },
  },
  { name: 'VGG16, frozen', runtime: 'native', spec: { strategy: 'feature-extraction', backbone: vgg } },
  {
    name: 'all layers from the start, 3 epochs',
    runtime: 'native',
    spec: { freeze: 'none', backbone: { inputSize: 64 }, training: { epochs: 3 } },
  },
  { name: 'augmented', runtime: 'native', spec: { strategy: 'feature-extraction', training: { augment: 'light' } } },
  {
    name: 'three folds',
    runtime: 'wasm',
    spec: { strategy: 'feature-extraction', backbone: { inputSize: 96 }, training: { folds: 3 } },
  },
  { name: 'a head on all stages', runtime: 'wasm', spec: { effort: 'fast' } },
];
