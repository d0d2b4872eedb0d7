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

/** Curves over epochs as an SVG that has its size before it has data. */
export function Chart({ title, lines, format }: { title: string; lines: readonly Line[]; format: (value: number) => string }) {
  const all = lines.flatMap(({ points }) => points);
  const ys = all.map(([, y]) => y);
  const low = Math.min(...ys, Number.POSITIVE_INFINITY);
  const high = Math.max(...ys, Number.NEGATIVE_INFINITY);
  const [bottom, top] = all.length === 0 ? [0, 1] : high - low < 1e-6 ? [low - 0.05, high + 0.05] : [low, high];
  const last = Math.max(...all.map(([x]) => x), 2);
  const x = (value: number) => LEFT + ((value - 1) / (last - 1)) * (WIDTH - LEFT - 8);
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
      <svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={summary(title, lines, format)}>
        {ticks.map((tick) => (
          <g key={tick}>
            <line class="grid" x1={LEFT} x2={WIDTH} y1={y(tick)} y2={y(tick)} />
            <text x={LEFT - 8} y={y(tick) + 4} text-anchor="end">
              {all.length > 0 ? format(tick) : ''}
            </text>
          </g>
        ))}
        <text x={LEFT} y={HEIGHT - 4}>
          {all.length > 0 ? '1' : ''}
        </text>
        <text x={WIDTH - 8} y={HEIGHT - 4} text-anchor="end">
          {all.length > 0 ? last : ''}
        </text>
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

function summary(title: string, lines: readonly Line[], format: (value: number) => string): string {
  const ends = lines.flatMap(({ name, points }) => points.slice(-1).map(([x, y]) => `${name} ${format(y)} (${x})`));
  return [title, ...ends].join(', ');
}
