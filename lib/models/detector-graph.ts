import type { Trunk } from '../features/trunk.ts';
import { exportDetector, type PatchDetector } from '../onnx/export-detector.ts';
import { joinOnnx } from '../onnx/join-onnx.ts';
import { ANOMALY_MAP_OUTPUT, NOVELTY_OUTPUT, servedNames } from './served-package.ts';

/**
 * Joins a trunk and a detector in one ONNX graph.
 * @returns the bytes of a model from images to the probability of the class, the score and the anomaly map
 */
export function detectorGraph(trunk: Trunk, detector: PatchDetector): Uint8Array {
  const { distances, probability, score, map } = exportDetector(detector, trunk.featureShape, {
    probability: servedNames.output,
    score: NOVELTY_OUTPUT,
    map: ANOMALY_MAP_OUTPUT,
  });
  return joinOnnx(joinOnnx(trunk.onnx, distances), probability, servedNames, [
    { onnx: score, output: NOVELTY_OUTPUT },
    { onnx: map, output: ANOMALY_MAP_OUTPUT },
  ]);
}
