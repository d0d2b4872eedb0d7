/** A closed-form head to fit on synthetic features. */
export interface ClosedFormCase {
  readonly name: string;
  readonly rows: number;
  /** Columns of each block of the features. */
  readonly blocks: Readonly<Record<string, number>>;
  /** Whether to choose the mixture first, as a job does; otherwise one ridge regression is fitted by sums. */
  readonly choose: boolean;
}

const TOP = { top: 1280 };

const STAGES = [32, 16, 24, 40, 80, 112, 192, 320];
/** The columns of EfficientNet-Lite0: quarters of small maps, means of every stage's map, the wider maps inside, and the top. */
const ALL_STAGES = {
  ...Object.fromEntries(STAGES.slice(4).map((size, stage) => [`stage${stage + 4}-grid`, 4 * size])),
  ...Object.fromEntries(STAGES.map((size, stage) => [`stage${stage}`, size])),
  ...Object.fromEntries([32, 144, 240, 480, 672, 1152, 1152].map((size, stage) => [`stage${stage + 1}-wide`, size])),
  ...TOP,
  'top-max': 1280,
};

export const CLOSED_FORM_CASES: readonly ClosedFormCase[] = [
  { name: '400-images-all-stages', rows: 400, blocks: ALL_STAGES, choose: true },
  { name: '5000-images-all-stages', rows: 5000, blocks: ALL_STAGES, choose: true },
  { name: '20000-images-all-stages', rows: 20_000, blocks: ALL_STAGES, choose: true },
  { name: '100000-rows-top', rows: 100_000, blocks: TOP, choose: false },
  { name: '5120-rows-all-stages', rows: 5120, blocks: ALL_STAGES, choose: false },
];
