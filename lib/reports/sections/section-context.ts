import type { ModelReport } from '../../contracts/model-report.ts';
import type { Drawing } from '../plots/draw.ts';

/** What the sections of the page are made of. */
export interface SectionContext {
  readonly report: ModelReport;
  readonly drawing: Drawing;
  /** Sources of small images, by SHA-256. */
  readonly pictures: ReadonlyMap<string, string>;
  /** Sources of the same images with the evidence for the prediction drawn over them, by SHA-256; of some or none. */
  readonly evidence: ReadonlyMap<string, string>;
}
