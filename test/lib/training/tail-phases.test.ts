import { describe, expect, it } from 'vitest';
import { TrainingSpec } from '../../../lib/contracts/training-spec.ts';
import { concatHistories, effectivePhases } from '../../../lib/training/fit-phases.ts';
import { tailPhases } from '../../../lib/training/tail-phases.ts';

const layers = { stages: [['a'], ['b'], ['c', 'd']], head: ['dense'] };
const training = TrainingSpec.parse({ epochs: 5 });
const off = { stageDecay: 1, gradualUnfreezing: null };

describe('tailPhases', () => {
  it('trains everything at once and at one rate, unless told otherwise', () => {
    expect(tailPhases(layers, training, off, false)).toEqual([{ trainable: ['a', 'b', 'c', 'd', 'dense'], training }]);
  });

  it('unfreezes the top stage with a head that has learnt, then one below it at a time', () => {
    const phases = tailPhases(layers, training, { ...off, gradualUnfreezing: { epochsPerStage: 2 } }, false);
    expect(phases.map(({ trainable, training }) => [trainable.join(' '), training.epochs])).toEqual([
      ['c d dense', 2],
      ['b c d dense', 2],
      ['a b c d dense', 5],
    ]);
  });

  it('lets a new head learn alone first', () => {
    const phases = tailPhases(layers, training, { ...off, gradualUnfreezing: { epochsPerStage: 1 } }, true);
    expect(phases.map(({ trainable }) => trainable[0])).toEqual(['dense', 'c', 'b', 'a']);
  });

  it('gives each stage the rate of the one above, times the decay', () => {
    const [{ layerRate } = {}] = tailPhases(layers, training, { ...off, stageDecay: 0.5 }, false);
    expect(['a', 'b', 'c', 'd', 'dense'].map((layer) => layerRate?.(layer))).toEqual([0.25, 0.5, 1, 1, 1]);
  });
});

describe('what phases came to', () => {
  const fitted = (...losses: number[]) => ({
    history: losses.map((validationLoss, i) => ({
      epoch: i + 1,
      learningRate: 1,
      loss: 1,
      accuracy: 1,
      validationLoss,
      validationAccuracy: 1,
    })),
    bestEpoch: losses.indexOf(Math.min(...losses)) + 1,
    stoppedEarly: false,
  });
  const came = { phases: [fitted(3, 2), fitted(4, 5), fitted(2, 1, 2)], bestPhase: 2 };
  const phases = [1, 2, 3].map((lr) => ({
    trainable: [`${lr}`],
    training: { ...training, optimizer: { ...training.optimizer, learningRate: lr } },
  }));
  const told = (keep: 'best' | 'last') =>
    effectivePhases(phases, came, keep).map(({ trainable, training }) => [trainable[0], training.epochs]);

  it('is one row of epochs, with the best of all', () => {
    const { history, bestEpoch } = concatHistories(came);
    expect(history.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(bestEpoch).toBe(6);
    expect(concatHistories(came, 'last').bestEpoch).toBe(7);
  });

  it('is repeated for the epochs that did good, without phases that did none', () => {
    expect(told('best')).toEqual([
      ['1', 2],
      ['3', 2],
    ]);
    expect(told('last')).toEqual([
      ['1', 2],
      ['2', 2],
      ['3', 3],
    ]);
  });

  it('is repeated with the losses that lowered the learning rate of each phase, where they did', () => {
    const schedule = { name: 'reduceOnPlateau', patience: 3, factor: 0.1, minimumFactor: 0 } as const;
    const reduced = phases.map((phase) => ({ ...phase, training: { ...phase.training, schedule } }));
    expect(effectivePhases(reduced, came).map(({ plateauLosses }) => plateauLosses)).toEqual([
      [3, 2],
      [2, 1, 2],
    ]);
    expect(effectivePhases(phases, came).every((phase) => !('plateauLosses' in phase))).toBe(true);
  });
});
