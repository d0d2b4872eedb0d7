import { describe, expect, test } from 'vitest';
import { describeReport } from '../../../cli/commands/model-report.ts';
import type { ModelCard } from '../../../lib/contracts/model-card.ts';
import { ModelReport } from '../../../lib/contracts/model-report.ts';
import { evidenceKeys } from '../../../lib/contracts/strategy-evidence.ts';
import { measureReport } from '../../../lib/reports/measure/measure-report.ts';
import { labelTexts } from '../../../lib/reports/measure/predicted-texts.ts';
import type { ReportInput } from '../../../lib/reports/measure/report-input.ts';
import { sampleScores } from '../../../lib/reports/measure/sample-scores.ts';
import { decodeScores, type EvaluationFacts, encodeScores } from '../../../lib/reports/measure/scored-images.ts';
import { openDrawing } from '../../../lib/reports/plots/draw.ts';
import { modelReportPage } from '../../../lib/reports/sections/model-report-page.ts';
import type { LabelledLogits } from '../../../lib/training/metrics/labelled-logits.ts';
import { reportInputFor } from '../../support/models/report-input.ts';
import { epochs, factsFor } from '../../support/models/scored-model.ts';
import { drawScores } from '../../support/models/scores.ts';

describe('measureReport', () => {
  test.each(['single-label', 'multi-label'] as const)('is a pure function that fits its contract: %s', (task) => {
    const scores = drawScores({ task, count: 200, classes: 4, seed: 2 });
    const report = measureReport(reportInputFor(scores));
    expect(JSON.stringify(measureReport(reportInputFor(scores)))).toBe(JSON.stringify(report));
    expect(ModelReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  test('tells which images are unknown to the model, or why it cannot say', async () => {
    const scores = drawScores({ task: 'single-label', count: 200, classes: 4, seed: 2 });
    const drawing = await openDrawing();
    const pageWith = (novelty: ModelCard['novelty']) => {
      const input = reportInputFor(scores);
      const report = measureReport({ ...input, card: { ...input.card, ...(novelty && { novelty }) } });
      return modelReportPage({ report, drawing, pictures: new Map(), evidence: new Map() });
    };
    const found = { rate: 0.05, threshold: 0.8312, images: 317, expectedShare: 0.047, testShare: 0.038 };
    expect(pageWith(found)).toMatch(/novelty score is above 0\.831.*317 held-out.*4\.7%.*3\.8%/s);
    expect(pageWith({ rate: 0.05, omitted: 'Too few images.' })).toContain('The model has no novelty score. Too few images.');
    expect(pageWith(undefined)).not.toContain('novelty');
  });

  test('has what each compared backbone costs', async () => {
    const scores = drawScores({ count: 200, classes: 4, seed: 2 });
    const drawing = await openDrawing();
    const input = reportInputFor(scores);
    const lite0 = { name: 'efficientnet_lite0', alpha: 1, negativeLogLikelihood: 0.3, accuracy: 0.875, difference: 0 };
    const candidates = [
      { ...lite0, gigaMultiplyAdds: 0.384, milliseconds: 31.4, megabytes: 13.6, licence: 'Apache-2.0' },
      {
        ...lite0,
        name: 'vgg16',
        difference: 0.25,
        standardError: 0.1,
        gigaMultiplyAdds: 15.3,
        megabytes: 58.9,
        licence: 'CC-BY',
      },
    ];
    const backbones = { candidates, chosen: 1, images: 200, reason: 'It has the lowest loss.' };
    const report = measureReport({ ...input, card: { ...input.card, backbones } });
    expect(ModelReport.parse(report).strategy.backbones?.[0]).toMatchObject({ isChosen: true, milliseconds: 31.4 });
    const page = modelReportPage({ report, drawing, pictures: new Map(), evidence: new Map() });
    const rows = [...page.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
      row.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' '),
    );
    expect(rows).toContainEqual(expect.stringMatching(/efficientnet_lite0 \+0\.000 .* 87\.5% 0\.38 31 14 Apache-2\.0/));
    expect(rows).toContainEqual(expect.stringMatching(/vgg16 \+0\.250 .* 87\.5% 15 – 59 CC-BY/));
  });

  test('has what the features waited for, if any were computed', async () => {
    const scores = drawScores({ count: 200, classes: 4, seed: 2 });
    const drawing = await openDrawing();
    const page = (more: Partial<ReportInput>) => {
      const report = measureReport(reportInputFor(scores, more));
      return { report, text: modelReportPage({ report, drawing, pictures: new Map(), evidence: new Map() }) };
    };
    const computed = page({});
    expect(computed.report.seconds.waits).toEqual({ decode: 0.25, trunk: 2.5, write: 0.125 });
    expect(computed.text).toMatch(/features: in the trunk.*2\.5/s);
    const cached = page({ waits: undefined });
    expect(cached.report.seconds).not.toHaveProperty('waits');
    expect(cached.text).not.toContain('in the trunk');
  });

  test('has what each stage costs, if the machine has a price', async () => {
    const scores = drawScores({ count: 200, classes: 4, seed: 2 });
    const rows = Array.from({ length: 200 }, (_, row) => row);
    const drawing = await openDrawing();
    const page = (more: Partial<EvaluationFacts>) => {
      const report = measureReport(reportInputFor(scores, { scored: { facts: factsFor(scores, more), scores, rows } }));
      return modelReportPage({ report, drawing, pictures: new Map(), evidence: new Map() });
    };
    // 7 seconds in all, 3 of them for features.
    expect(page({ dollarsPerHour: 3.6 })).toMatch(/Time and cost.*costs \$0\.0070.*features.*3\.0.*0\.0030/s);
    expect(page({})).not.toMatch(/dollars|\$/);
  });

  test('names the predicted class first, also if the probabilities of two are equal once they are rounded', () => {
    const scores = {
      task: 'single-label' as const,
      count: 2,
      classes: 2,
      // The probabilities of the first image are 0.49999 and 0.50001.
      logits: Float32Array.of(0, 4e-5, 3, 0),
      targets: Float32Array.of(1, 0, 1, 0),
    };
    const { errors, leastSure } = measureReport(reportInputFor(scores));
    for (const image of [errors?.[0], leastSure?.[0]]) {
      expect(image).toMatchObject({
        path: '0.png',
        labels: ['class 0'],
        predicted: [
          { label: 'class 1', probability: 0.5 },
          { label: 'class 0', probability: 0.5 },
        ],
      });
    }
  });

  test('tells labels that were missed from those that were predicted', async () => {
    const scores = drawScores({ task: 'multi-label', count: 200, classes: 4, seed: 2 });
    const report = measureReport(reportInputFor(scores));
    const images = [...(report.errors ?? []), ...(report.leastSure ?? [])];
    const missed = images.flatMap((image) => image.missed ?? []);
    expect(missed.length).toBeGreaterThan(0);
    for (const image of images) {
      for (const { probability } of image.predicted) expect(probability).toBeGreaterThanOrEqual(0.4);
      for (const { label, probability } of image.missed ?? []) {
        expect(probability).toBeLessThan(0.4);
        expect(image.labels).toContain(label);
      }
    }
    const page = modelReportPage({ report, drawing: await openDrawing(), pictures: new Map(), evidence: new Map() });
    expect(page).toContain(`missed: ${missed[0]?.label}`);
  });

  test('has the mean average precision of the images that it is about', () => {
    const scores = drawScores({ task: 'multi-label', count: 200, classes: 4, seed: 2 });
    const rows = Array.from({ length: 200 }, (_, row) => row);
    const facts = factsFor(scores, { part: 'held-out', meanAveragePrecision: 0.123 });
    expect(measureReport(reportInputFor(scores, { scored: { facts, scores, rows } })).metrics.meanAveragePrecision).toBe(0.123);
  });

  test('leaves out the metrics of labels if no image has one', async () => {
    const drawn = drawScores({ task: 'multi-label', count: 200, classes: 4, seed: 2 });
    // No logit reaches the thresholds, either.
    const scores = { ...drawn, logits: drawn.logits.map(() => -3), targets: drawn.targets.map(() => 0) };
    const report = measureReport(reportInputFor(scores));
    expect(ModelReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    expect(Object.keys(report.metrics)).toEqual(['accuracy', 'negativeLogLikelihood', 'expectedCalibrationError']);
    expect(report.summary).toContain('is right on 100.0%');
    const page = modelReportPage({ report, drawing: await openDrawing(), pictures: new Map(), evidence: new Map() });
    expect(page).not.toMatch(/macro F1|micro F1|NaN/);
    expect(describeReport(report)).not.toContain('macro F1');
  });

  test('says why a part is absent, and has each other part', () => {
    const multi = measureReport(reportInputFor(drawScores({ task: 'multi-label', count: 200, classes: 4, seed: 2 })));
    expect(Object.keys(multi.omitted).sort()).toEqual(['comparison', 'confusion', 'coverage', 'sizes', 'suspects', 'trials']);
    expect(multi.thresholds).toHaveLength(4);
    const scores = drawScores({ count: 200, classes: 4, seed: 2 });
    const single = measureReport(reportInputFor(scores, { history: epochs(1) }));
    expect(single.omitted).toMatchObject({ history: expect.stringContaining('closed form'), thresholds: expect.any(String) });
    expect(single.history).toBeUndefined();
    expect(single.confusion?.counts.flat().reduce((a, b) => a + b)).toBe(200);
  });

  test.each([
    [
      'the lowest validation loss',
      { losses: [0.5, 0.3, 0.4], bestEpoch: 2, share: undefined },
      'epoch 2, which has the lowest validation loss.',
    ],
    [
      'the lowest loss, also with interpolated weights',
      { losses: [0.5, 0.4, 0.3], bestEpoch: 3, share: 0.5 },
      'epoch 3, which has the lowest validation loss.',
    ],
    [
      'the lowest loss of the fine-tuning alone',
      { losses: [0.2, 0.3, 0.4], bestEpoch: 2, share: undefined },
      'epoch 2, which has the lowest validation loss of the fine-tuning.',
    ],
    [
      'the end of the fine-tuning',
      { losses: [0.3, 0.28, 0.35], bestEpoch: 3, share: 0.5 },
      "epoch 3, the last one. The model's weights lie between",
    ],
    [
      'the end of the fine-tuning, whose weights are the best',
      { losses: [0.3, 0.28, 0.35], bestEpoch: 3, share: 1 },
      'epoch 3, the last one, which was better',
    ],
    [
      'an epoch that long curves leave out',
      { losses: Array.from({ length: 900 }, (_, i) => (i === 100 ? 0.1 : 1)), bestEpoch: 101, share: undefined },
      'epoch 101, which has the lowest validation loss.',
    ],
  ])('says why it marks an epoch: %s', async (_, { losses, bestEpoch, share }, sentence) => {
    const input = reportInputFor(drawScores({ count: 200, classes: 4, seed: 2 }));
    const interpolated = share !== undefined && { [evidenceKeys.interpolationShare]: share };
    const evidence = { ...input.card.strategy.evidence, ...interpolated };
    const card = { ...input.card, bestEpoch, strategy: { ...input.card.strategy, name: 'fine-tune-top', evidence } };
    const history = epochs(losses.length).map((epoch, i) => ({ ...epoch, validationLoss: losses[i] ?? 0 }));
    const report = measureReport({ ...input, card, history });
    const page = modelReportPage({ report, drawing: await openDrawing(), pictures: new Map(), evidence: new Map() });
    expect(page).toContain(`The vertical line is ${sentence}`);
    expect(report.interpolation).toBe(share);
    const frozen = { ...card, strategy: { ...card.strategy, name: 'feature-extraction' } };
    expect(measureReport({ ...input, card: frozen, history })).not.toHaveProperty('interpolation');
  });

  test('has intervals of the accuracy of linear probes, and none of their mean average precision', async () => {
    const drawing = await openDrawing();
    const strategyOf = (task: LabelledLogits['task']) => {
      const report = measureReport(reportInputFor(drawScores({ task, count: 200, classes: 4, seed: 2 })));
      const page = modelReportPage({ report, drawing, pictures: new Map(), evidence: new Map() });
      const [, figure = ''] = page.split('id="candidates-about">');
      return {
        scores: report.strategy.candidates?.map(({ score }) => score),
        figure: figure.slice(0, figure.indexOf('</figure>')),
      };
    };
    const single = strategyOf('single-label');
    expect(single.scores).toMatchObject([{ value: 0.4, low: expect.any(Number), high: expect.any(Number) }, { value: 0.7 }]);
    expect(single.figure).toContain('95% interval');
    const multi = strategyOf('multi-label');
    expect(multi.scores).toEqual([{ value: 0.4 }, { value: 0.7 }]);
    expect(multi.figure).toContain('mean average precision');
    expect(multi.figure).not.toContain('95% interval');
  });

  test('says how predictions take thresholds', async () => {
    const drawing = await openDrawing();
    const pageOf = (task: LabelledLogits['task']) => {
      const report = measureReport(reportInputFor(drawScores({ task, count: 200, classes: 4, seed: 2 })));
      return modelReportPage({ report, drawing, pictures: new Map(), evidence: new Map() });
    };
    expect(pageOf('multi-label')).toContain('<code>--threshold</code> is one number for all labels');
    expect(pageOf('multi-label')).toContain('--precision 0.9');
    expect(pageOf('single-label')).toContain('With --precision 0.95 it takes the threshold of the card');
  });

  test('says that curves are those of the lowest F1 only if classes with images have none', async () => {
    const drawing = await openDrawing();
    const pageOf = (scores: LabelledLogits) =>
      modelReportPage({ report: measureReport(reportInputFor(scores)), drawing, pictures: new Map(), evidence: new Map() });
    const three = drawScores({ count: 200, classes: 3, seed: 2 });
    expect(pageOf(drawScores({ count: 200, classes: 8, seed: 2 }))).toContain('Of 8 classes, these are 5 with the lowest F1.');
    expect(pageOf(three)).not.toContain('with the lowest F1.');
    expect(pageOf(withoutThird(three))).not.toContain('with the lowest F1.');
  });

  test('a class without test images has no recall and no F1, and comes last', () => {
    const scores = drawScores({ count: 200, classes: 3, seed: 2 });
    const report = measureReport(reportInputFor(withoutThird(scores)));
    expect(report.classes.at(-1)).toMatchObject({ label: 'class 2', support: 0 });
    expect(report.classes.at(-1)).not.toHaveProperty('recall');
    expect(report.classes.at(-1)).not.toHaveProperty('f1');
    expect(report.roc?.map(({ label }) => label)).not.toContain('class 2');
  });

  test('a model without errors has an interval that is not empty', () => {
    const targets = Float32Array.from([1, 0, 0, 1, 1, 0]);
    const logits = targets.map((target) => 9 * target);
    const report = measureReport(reportInputFor({ task: 'single-label', count: 3, classes: 2, logits, targets }));
    expect(report.metrics.accuracy).toMatchObject({ value: 1, high: 1 });
    expect(report.metrics.accuracy.low).toBeLessThan(0.5);
    expect(report.classes[0]?.recall?.low).toBeLessThan(0.5);
    expect(report.omitted.errors).toContain('every evaluated image');
  });

  test('the calibration before is that of the logits before', () => {
    const scores = drawScores({ count: 500, classes: 4, seed: 2 });
    const { calibration } = measureReport(reportInputFor(scores));
    const uncalibrated = measureReport(reportInputFor({ ...scores, logits: scores.logits.map((logit) => 2 * logit) }));
    expect(calibration?.before.bins).toEqual(uncalibrated.calibration?.after.bins);
    expect(calibration?.after.expectedCalibrationError).toBeLessThan(calibration?.before.expectedCalibrationError ?? 0);
  });

  test('compares only images that both versions were evaluated on', () => {
    const scores = drawScores({ count: 100, classes: 2, seed: 2 });
    const sha = (row: number) => `${row}`.padStart(64, '0');
    const predictions = new Map(Array.from({ length: 60 }, (_, row) => [sha(row), JSON.stringify(['class 0'])]));
    const { comparison } = measureReport(reportInputFor(scores, { other: { alias: 'prod', version: 3, predictions } }));
    expect(comparison).toMatchObject({ alias: 'prod', version: 3, images: 60 });
    const { bothRight = 0, onlyOther = 0 } = comparison ?? {};
    const ofFirst = Array.from({ length: 60 }, (_, row) => scores.targets[row * 2] ?? 0).reduce((a, b) => a + b);
    expect(bothRight + onlyOther).toBe(ofFirst);
  });

  test('a sentence counts the images whose accuracy it names', () => {
    const scores = drawScores({ count: 100, classes: 2, seed: 2 });
    const { scored, ...input } = reportInputFor(scores);
    const { summary } = measureReport({ ...input, scored: { ...scored, facts: factsFor(scores, { of: 5000 }) } });
    expect(summary).toContain('of 100 test images');
    // The test images are counted, and nothing was trained on them.
    expect(summary).toMatch(/was made from (\d+) images of scored \(\d+ training, \d+ validation, \d+ test\) and is right/);
  });

  test('related images count as one', async () => {
    // Frames of four videos, of which the model knows three.
    const count = 120;
    const targets = Float32Array.from({ length: 2 * count }, (_, i) => Number(i % 2 === 0));
    const logits = targets.map((target, i) => (i < 2 * 90 ? 3 * target : 3 - 3 * target));
    const scores = { task: 'single-label' as const, count, classes: 2, logits, targets };
    const rows = Array.from({ length: count }, (_, row) => row);
    const groups = rows.map((row) => Math.floor(row / 30));
    const reportOf = (more: Partial<ReportInput['scored']>) =>
      measureReport(reportInputFor(scores, { scored: { facts: factsFor(scores), scores, rows, ...more } }));
    const [alone, related] = [reportOf({}), reportOf({ groups })];
    expect(alone.evaluated).not.toHaveProperty('groups');
    expect(ModelReport.parse(related).evaluated).toMatchObject({ images: 120, groups: 4 });
    const widthOf = ({ low = 0, high = 0 } = {}) => high - low;
    for (const estimate of [({ metrics }: typeof alone) => metrics.accuracy, ({ classes }: typeof alone) => classes[0]?.recall]) {
      expect(estimate(related)?.value).toBe(0.75);
      expect(widthOf(estimate(alone))).toBeLessThan(0.2);
      expect(widthOf(estimate(related))).toBeGreaterThan(0.5);
    }
    const page = modelReportPage({ report: related, drawing: await openDrawing(), pictures: new Map(), evidence: new Map() });
    expect(page).toContain('test images in 4 groups');
    expect(page).toContain('over 4 groups (related images are one)');
  });

  test('compares with another version by groups of related images', () => {
    const scores = drawScores({ count: 40, classes: 2, seed: 2 });
    const { card, ...input } = reportInputFor(scores);
    const { predicted, truth } = labelTexts(scores, card.labels);
    // The other version is wrong about the first half.
    const answers = predicted.map((_, row) => (row < 20 ? '[]' : (truth[row] ?? '')));
    const shaOf = (row: number) => `${row}`.padStart(64, '0');
    const predictions = new Map(answers.map((answer, row) => [shaOf(row), answer]));
    const halves = (row: number) => Math.floor(row / 20);
    const compare = (groups?: number[], others?: ReadonlyMap<string, number>) => {
      const scored = { ...input.scored, ...(groups && { groups }) };
      const other = { alias: 'prod', version: 2, predictions, ...(others && { groups: others }) };
      return measureReport({ ...input, card, scored, other }).comparison;
    };
    const rows = [...answers.keys()];
    const alone = compare();
    expect(alone).not.toHaveProperty('groups');
    expect(alone?.exact).toBeLessThan(0.5);
    const byThis = compare(rows.map(halves));
    expect(byThis).toMatchObject({ groups: 2, onlyThis: alone?.onlyThis, exact: 1 });
    expect(compare(undefined, new Map(rows.map((row) => [shaOf(row), halves(row)])))).toEqual(byThis);
  });

  test('1,000 classes stay small, and each cut list says so', async () => {
    const scores = drawScores({ count: 1200, classes: 1000, seed: 2, spread: 4 });
    const report = measureReport(reportInputFor(scores));
    const page = modelReportPage({ report, drawing: await openDrawing(), pictures: new Map(), evidence: new Map() });
    expect(JSON.stringify(report).length).toBeLessThan(1_000_000);
    expect(page.length).toBeLessThan(1_000_000);
    expect(page).toContain('Of 1,000 classes, the matrix has the ');
    expect(page).toContain('The table has the 100 classes with the lowest F1 of all 1,000.');
  });
});

describe('stored scores', () => {
  test.each(['single-label', 'multi-label'] as const)('are read as they were written: %s', (task) => {
    const scores = drawScores({ task, count: 20, classes: 3, seed: 4 });
    const scored = {
      facts: factsFor(scores),
      scores,
      rows: scores.targets.length > 0 ? Array.from({ length: 20 }, (_, row) => 3 * row) : [],
    };
    expect(decodeScores(encodeScores(scored), 'scores')).toEqual(scored);
  });

  test('name related images, and those of earlier versions do not', () => {
    const scores = drawScores({ count: 4, classes: 3, seed: 4 });
    const scored = { facts: factsFor(scores), scores, rows: [5, 6, 8, 9] };
    const related = { ...scored, groups: [0, 1, 0, 3] };
    expect(decodeScores(encodeScores(related), 'scores')).toEqual(related);
    expect(decodeScores(encodeScores(scored), 'scores').groups).toBeUndefined();
  });

  test('too many are a sample that keeps rows and scores together', () => {
    const scores = drawScores({ count: 100, classes: 2, seed: 4 });
    const rows = Array.from({ length: 100 }, (_, row) => 1000 + row);
    const sample = sampleScores({ scores, rows }, 1, 40);
    expect(sample.scores.count).toBe(20);
    for (const [place, row] of sample.rows.entries())
      expect(sample.scores.logits[place * 2]).toBe(scores.logits[(row - 1000) * 2]);
    expect(sampleScores({ scores, rows }, 1, 40)).toEqual(sample);
  });

  test('another file is refused', () => {
    const scores = drawScores({ count: 2, classes: 2, seed: 4 });
    const bytes = encodeScores({ facts: factsFor(scores), scores, rows: [0, 1] });
    const text = Buffer.from(bytes).toString('latin1').replace('"part"', '"pard"').replaceAll('\\"part\\"', '\\"pard\\"');
    expect(() => decodeScores(Buffer.from(text, 'latin1'), 'x')).toThrow(expect.objectContaining({ code: 'SCORES_UNREADABLE' }));
  });
});

/** Scores of 3 classes, of which the first has the images of the third. */
function withoutThird(scores: LabelledLogits): LabelledLogits {
  const targets = scores.targets.map((target, i) => (i % 3 === 2 ? 0 : i % 3 === 0 && scores.targets[i + 2] === 1 ? 1 : target));
  return { ...scores, targets };
}
