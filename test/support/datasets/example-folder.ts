import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../docs/pages.ts';

/**
 * What the pages' examples name, and what stands in for it: thirty small photographs, two that no model has seen, tiny
 * encoders.
 */
const STAND_INS: Readonly<Record<string, string>> = {
  'flowers/daisy': 'test/fixtures/trash/cardboard',
  'flowers/rose': 'test/fixtures/trash/metal',
  'flowers/tulip': 'test/fixtures/trash/plastic',
  'photo.jpg': 'assets/sample-trashnet-unseen/metal.jpg',
  'other.jpg': 'assets/sample-trashnet-unseen/plastic.jpg',
  'encoder.onnx': 'test/fixtures/own-models/map.onnx',
  mobilenet: 'test/fixtures/own-models/mobilenet',
};

/** Puts into a folder all that the pages' examples need to run there as they stand. */
export function fillExampleFolder(folder: string): void {
  for (const [name, source] of Object.entries(STAND_INS)) cpSync(join(root, source), join(folder, name), { recursive: true });
  mkdirSync(join(folder, 'docs'), { recursive: true });
  symlinkSync(join(root, 'docs', 'examples'), join(folder, 'docs', 'examples'));
}
