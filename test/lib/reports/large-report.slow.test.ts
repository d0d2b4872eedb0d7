import { expect, test } from 'vitest';
import { measureReport } from '../../../lib/reports/measure/measure-report.ts';
import { sampleScores } from '../../../lib/reports/measure/sample-scores.ts';
import { openDrawing } from '../../../lib/reports/plots/draw.ts';
import { modelReportPage } from '../../../lib/reports/sections/model-report-page.ts';
import { reportInputFor } from '../../support/models/report-input.ts';
import { factsFor } from '../../support/models/scored-model.ts';
import { drawScores } from '../../support/models/scores.ts';

const IMAGES = 100_000;

test.each(['single-label', 'multi-label'] as const)(
  'the report of 100,000 test images takes less than 5 MB: %s',
  async (task) => {
    const all = drawScores({ task, count: IMAGES, classes: 10, seed: 2 });
    const { scores, rows } = sampleScores({ scores: all, rows: Array.from({ length: IMAGES }, (_, row) => row) }, 1);
    const report = measureReport(reportInputFor(scores, { scored: { facts: factsFor(all, { of: IMAGES }), scores, rows } }));
    const page = modelReportPage({ report, drawing: await openDrawing(), pictures: new Map(), evidence: new Map() });
    expect(report.evaluated).toMatchObject({ images: IMAGES, of: IMAGES });
    expect(JSON.stringify(report).length + page.length).toBeLessThan(5_000_000);
    expect(page).toContain('100,000');
  },
);
