import type { ModelReport } from '../../contracts/model-report.ts';
import type { Drawing } from '../plots/draw.ts';

/** What the sections of the page are made of. */
export interface SectionContext {
  readonly report: ModelReport;
  readonly drawing: Drawing;
  /** Sources of small images, by SHA-256. */
  readonly pictures: ReadonlyMap<string, string>;
}
