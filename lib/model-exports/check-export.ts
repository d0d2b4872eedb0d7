import type { ExportFormat } from '../contracts/model-export.ts';
import type { Precision } from '../contracts/precision.ts';
import { imagenetBackbone } from '../contracts/reference.ts';
import { DataError } from '../errors.ts';
import { describeBackbone } from './describe-backbone.ts';
import type { ExportedCard } from './exported-model.ts';

/** Formats in which training goes on: they need layers, and weights in float32. */
const LAYER_FORMATS: readonly ExportFormat[] = ['tfjs', 'keras'];
const OTHER_FORMATS = 'onnx, npm, web or html';

/** What an export is to be. */
export interface WantedExport {
  readonly format: ExportFormat;
  readonly precision: Precision;
}

/**
 * Checks what the card alone tells: that a model has this format and precision.
 * @throws DataError EXPORT_FORMAT_INCOMPATIBLE, EXPORT_PRECISION_UNAVAILABLE
 */
export function checkExport(model: ExportedCard, wanted: WantedExport): void {
  const at = `${model.name}@${model.version}`;
  checkLayerPrecision(at, wanted);
  checkFormat(model, wanted.format);
  const obstacle = wanted.precision === 'float32' ? undefined : precisionObstacle(model);
  if (obstacle === undefined) return;
  const fix = 'use the precision float32, which exports the version as it is';
  throw new DataError('EXPORT_PRECISION_UNAVAILABLE', { at, ...obstacle, fix });
}

/**
 * Checks that a format has this precision, whatever the model.
 * @throws DataError EXPORT_PRECISION_UNAVAILABLE
 */
export function checkLayerPrecision(at: string, { format, precision }: WantedExport): void {
  if (precision === 'float32' || !LAYER_FORMATS.includes(format)) return;
  throw new DataError('EXPORT_PRECISION_UNAVAILABLE', {
    at,
    expected: `float32 for the format ${format}, with which training goes on`,
    received: precision,
    fix: `use the precision float32, or another format: ${OTHER_FORMATS}`,
  });
}

/**
 * Checks that the layers of a model are known to a format.
 * @throws DataError EXPORT_FORMAT_INCOMPATIBLE if the backbone is a user's own encoder, a published version or in int8,
 *   and for a one-class model
 */
export function checkFormat({ name, version, card, backbone }: ExportedCard, format: ExportFormat): void {
  if (!LAYER_FORMATS.includes(format)) return;
  const at = `${name}@${version}`;
  if (backbone.isOwn) {
    throw new DataError('EXPORT_FORMAT_INCOMPATIBLE', {
      at,
      expected: `a backbone of Graft's catalogue for the format ${format}`,
      received:
        backbone.version === undefined
          ? 'an encoder of your own, which is an ONNX graph of any operators'
          : `the backbone model:${backbone.version}, of which a job has the ONNX graph without its layers`,
      fix: `use another format: ${OTHER_FORMATS}; or train on a backbone of the catalogue`,
    });
  }
  if (backbone.isInt8 === true) {
    throw new DataError('EXPORT_FORMAT_INCOMPATIBLE', {
      at,
      expected: `a backbone in float32 for the format ${format}, with which training goes on`,
      received: `${describeBackbone(backbone)} in int8`,
      fix: `use another format: ${OTHER_FORMATS}; or train the model again without backbone.precision`,
    });
  }
  if (card.task === 'one-class') {
    throw new DataError('EXPORT_FORMAT_INCOMPATIBLE', {
      at,
      expected: `a classifier for the format ${format}`,
      received: 'a one-class model, which measures distances and has no layers to train',
      fix: `use another format: ${OTHER_FORMATS}`,
    });
  }
}

interface Obstacle {
  readonly expected: string;
  readonly received: string;
}

function precisionObstacle({ name, card, backbone }: ExportedCard): Obstacle | undefined {
  if (backbone.isInt8 === true) {
    return {
      expected: 'a version with its backbone in float32',
      received: `${describeBackbone(backbone)} in int8, which is the smaller form`,
    };
  }
  if (imagenetBackbone(name) !== undefined) {
    return {
      expected: 'a trained model, whose test images show what less precision costs',
      received: 'a backbone with its ImageNet top',
    };
  }
  if (card.task !== 'one-class') return undefined;
  return {
    expected: 'a classifier: one-class models have no test images of other classes, which would show what less precision costs',
    received: 'a one-class model',
  };
}
