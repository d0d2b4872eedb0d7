import { text } from '../strings.ts';

const LAYERS = 6;
const CASES = [
  { name: 'feature-extraction', trainFrom: LAYERS, takesAll: false },
  { name: 'stage-features', trainFrom: LAYERS, takesAll: true },
  { name: 'fine-tune-top', trainFrom: 4, takesAll: false },
  { name: 'fine-tune-all', trainFrom: 0, takesAll: false },
] as const;

/** The four cases of what to freeze: the layers of a backbone from left to right, and the head at the end. */
export function CasesPicture() {
  return (
    <ul class="cases">
      {CASES.map(({ name, trainFrom, takesAll }) => (
        <li key={name} class="case">
          <h3 class="mono">{name}</h3>
          <svg viewBox="0 0 250 56" role="img" aria-label={text.train.cases[name].picture}>
            {Array.from({ length: LAYERS }, (_, index) => (
              <g key={index}>
                <rect
                  class={index >= trainFrom ? 'trains' : 'frozen'}
                  x={4 + index * 30}
                  y={14 + index * 2}
                  width="22"
                  height={36 - index * 4}
                  rx="4"
                />
                {takesAll && <path class="tap" d={`M${15 + index * 30} ${14 + index * 2}V6H214V15`} />}
              </g>
            ))}
            <rect class="trains" x="196" y="16" width="48" height="32" rx="6" />
            <text x="220" y="36" text-anchor="middle">
              {text.train.head}
            </text>
          </svg>
          <p class="muted small">{text.train.cases[name].about}</p>
        </li>
      ))}
    </ul>
  );
}
