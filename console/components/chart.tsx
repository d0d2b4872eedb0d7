export interface Line {
  readonly name: string;
  readonly kind: 'a' | 'b';
  readonly points: readonly (readonly [x: number, y: number])[];
}

const WIDTH = 460;
const HEIGHT = 190;
const LEFT = 44;
const BOTTOM = 24;
const TICKS = 4;

/** The horizontal axis. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly format: (value: number) => string;
}

/**
 * Curves as an SVG that has its size before it has data.
 * @param props.x default: epochs, from 1
 * @param props.hasDiagonal whether to draw the line on which both axes are equal, which both have from 0 to 1 then
 */
export function Chart(props: {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
  readonly x?: Axis;
  readonly hasDiagonal?: boolean;
}) {
  const { title, lines, format, hasDiagonal = false } = props;
  const all = lines.flatMap(({ points }) => points);
  const ys = all.map(([, y]) => y);
  const low = Math.min(...ys, Number.POSITIVE_INFINITY);
  const high = Math.max(...ys, Number.NEGATIVE_INFINITY);
  const [bottom, top] = all.length === 0 || hasDiagonal ? [0, 1] : high - low < 1e-6 ? [low - 0.05, high + 0.05] : [low, high];
  const epochs: Axis = { from: 1, to: Math.max(...all.map(([epoch]) => epoch), 2), format: String };
  const { from, to, format: formatX } = props.x ?? epochs;
  const x = (value: number) => LEFT + ((value - from) / Math.max(to - from, Number.EPSILON)) * (WIDTH - LEFT - 8);
  const y = (value: number) => 8 + (1 - (value - bottom) / (top - bottom)) * (HEIGHT - BOTTOM - 8);
  const ticks = Array.from({ length: TICKS }, (_, index) => bottom + ((top - bottom) * index) / (TICKS - 1));
  return (
    <figure class="column" style={{ gap: '8px' }}>
      <figcaption class="row" style={{ justifyContent: 'space-between' }}>
        <h3>{title}</h3>
        <span class="legend">
          {lines.map(({ name, kind }) => (
            <span key={name} class={kind}>
              {name}
            </span>
          ))}
        </span>
      </figcaption>
      <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={summary(title, lines, format, formatX)}>
        {ticks.map((tick) => (
          <g key={tick}>
            <line class="grid" x1={LEFT} x2={WIDTH} y1={y(tick)} y2={y(tick)} />
            <text x={LEFT - 8} y={y(tick) + 4} text-anchor="end">
              {all.length > 0 ? format(tick) : ''}
            </text>
          </g>
        ))}
        <text x={LEFT} y={HEIGHT - 4}>
          {all.length > 0 ? formatX(from) : ''}
        </text>
        <text x={WIDTH - 8} y={HEIGHT - 4} text-anchor="end">
          {all.length > 0 ? formatX(to) : ''}
        </text>
        {hasDiagonal && <line class="diagonal" x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} />}
        {lines.map(({ name, kind, points }) => (
          <g key={name}>
            <polyline class={kind} points={points.map(([px, py]) => `${x(px)},${y(py)}`).join(' ')} />
            {points.slice(-1).map(([px, py]) => (
              <circle key={px} class={kind} cx={x(px)} cy={y(py)} r="3.5" />
            ))}
          </g>
        ))}
      </svg>
    </figure>
  );
}

function summary(title: string, lines: readonly Line[], format: Axis['format'], formatX: Axis['format']): string {
  const ends = lines.flatMap(({ name, points }) => points.slice(-1).map(([x, y]) => `${name} ${format(y)} (${formatX(x)})`));
  return [title, ...ends].join(', ');
}
