import { expect, test } from 'vitest';
import { errorKey, evidenceKeys, probeKey, stageOfProbe } from '../../../lib/contracts/strategy-evidence.ts';

test('the keys are those in the cards of published models', () => {
  expect(evidenceKeys).toEqual({
    trainingImages: 'trainingImages',
    interpolationShare: 'blend',
    tuningGain: 'tuningGain',
    errorGain: 'errorGain',
    averageGain: 'averageGain',
    cropGain: 'cropGain',
    mirrorGain: 'mirrorGain',
  });
  expect(errorKey(evidenceKeys.tuningGain)).toBe('tuningGainError');
  expect(probeKey('block7')).toBe('probe.block7');
});

test('the stage of a probe is read from its key', () => {
  expect(stageOfProbe(probeKey('block7'))).toBe('block7');
  expect(['probeGap', 'probeNoise', 'trainingImages'].map(stageOfProbe)).toEqual([undefined, undefined, undefined]);
});
