import type { ComparedBackbone } from '../../contracts/backbone-comparison.ts';
import type { ModelCard } from '../../contracts/model-card.ts';
import type { ModelReport } from '../../contracts/model-report.ts';
import { errorKey, evidenceKeys, stageOfProbe } from '../../contracts/strategy-evidence.ts';
import { PROBED } from '../../freezing/evidence.ts';
import { wilsonInterval, Z95 } from '../../training/metrics/wilson-interval.ts';
import { estimate, rounded } from './rounded.ts';

/** The chosen strategy with the candidates that were compared for it. */
export function measureStrategy({
  task,
  strategy: { name, cut, reason, evidence },
  backbones,
}: ModelCard): ModelReport['strategy'] {
  const probed = Math.min(PROBED, evidence[evidenceKeys.trainingImages] ?? PROBED);
  const candidates = Object.entries(evidence).flatMap(([key, score]) => {
    const name = stageOfProbe(key);
    if (name === undefined) return [];
    // Mean average precision is no share of the images, so it has no such interval.
    const isShare = task !== 'multi-label';
    return { name, score: isShare ? estimate(score, wilsonInterval(score, Math.max(1, probed))) : { value: rounded(score) } };
  });
  const tuningGain = evidence[evidenceKeys.tuningGain];
  const tuningGainError = evidence[errorKey(evidenceKeys.tuningGain)];
  return {
    name,
    cut,
    reason,
    ...(candidates.length > 0 && { candidates }),
    ...(backbones && {
      backbones: backbones.candidates.map((backbone, index) => ({
        name: backbone.inputSize === undefined ? backbone.name : `${backbone.name} ${backbone.inputSize}`,
        difference: around(backbone.difference, backbone.standardError ?? 0),
        isChosen: index + 1 === backbones.chosen,
        ...costOf(backbone),
      })),
    }),
    ...(tuningGain !== undefined && tuningGainError !== undefined && { tuningGain: around(tuningGain, tuningGainError) }),
  };
}

function costOf({ accuracy, meanAveragePrecision, milliseconds, gigaMultiplyAdds, megabytes, licence }: ComparedBackbone) {
  return {
    ...(accuracy !== undefined && { accuracy }),
    ...(meanAveragePrecision !== undefined && { meanAveragePrecision }),
    ...(milliseconds !== undefined && { milliseconds }),
    gigaMultiplyAdds,
    megabytes,
    licence,
  };
}

/** The trials of a search: the gain of each over the default, which has none. */
export function measureTrials({ search }: ModelCard): ModelReport['trials'] {
  return search?.trials.map(({ trial, values, gain, standardError, accuracy, meanAveragePrecision }) => {
    const score = accuracy ?? meanAveragePrecision;
    return {
      trial,
      values: Object.entries(values)
        .map(([path, value]) => `${path} ${typeof value === 'number' ? Number(value.toPrecision(3)) : JSON.stringify(value)}`)
        .join(', '),
      ...(gain !== undefined && standardError !== undefined && { gain: around(gain, standardError) }),
      ...(score !== undefined && { accuracy: score }),
      isBest: trial === search.best,
    };
  });
}

function around(value: number, standardError: number) {
  return estimate(value, { low: value - Z95 * standardError, high: value + Z95 * standardError });
}
