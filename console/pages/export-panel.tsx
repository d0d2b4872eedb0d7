import { useState } from 'preact/hooks';
import type { ModelCard } from '../../lib/contracts/model-card.ts';
import { exportFormats } from '../../lib/contracts/model-export.ts';
import { precisions } from '../../lib/contracts/precision.ts';
import { client } from '../api.ts';
import { Panel, TextField } from '../components/basics.tsx';
import { CopyAction } from '../components/copy-action.tsx';
import { Problem } from '../components/problem.tsx';
import { decimalOf } from '../decimal.ts';
import { hasFormat, hasPrecisions } from '../export-choices.ts';
import { exportAction, exportBody } from '../model-actions.ts';
import { text } from '../strings.ts';
import { useSubmission } from '../use-submission.ts';

/** Points of accuracy that an export may lose unless it says otherwise. */
const POINTS = '1';

/** Exports a version, by a job. @param props.reference `NAME@VERSION` */
export function ExportPanel({ reference, card }: { readonly reference: string; readonly card: ModelCard }) {
  const [format, setFormat] = useState<(typeof exportFormats)[number]>('onnx');
  const [wanted, setWanted] = useState<(typeof precisions)[number]>('float32');
  const [typed, setTyped] = useState(POINTS);
  const { failure, isBusy, submit } = useSubmission();
  const isReducible = hasPrecisions(card, format);
  const precision = isReducible ? wanted : 'float32';
  const points = decimalOf(typed) ?? Number.NaN;
  const isValid = precision === 'float32' || points <= 100;
  const body = exportBody({ format, precision, maxLoss: points / 100 });
  const lacksFormats = exportFormats.some((each) => !hasFormat(card, each));
  return (
    <Panel title={text.exports.title(reference)}>
      <form class="column" onSubmit={(event) => submit(event, () => client.models.export(reference, body))}>
        <div class="field">
          <label for="export-format">{text.exports.format}</label>
          <select
            id="export-format"
            class="select"
            aria-describedby="export-format-about"
            value={format}
            onChange={({ currentTarget: { value } }) => setFormat(exportFormats.find((each) => each === value) ?? format)}
          >
            {exportFormats.map((each) => (
              <option key={each} value={each} disabled={!hasFormat(card, each)}>
                {text.exports.formats[each].name}
              </option>
            ))}
          </select>
          <p id="export-format-about" class="muted small">
            {text.exports.formats[format].about} {lacksFormats && text.exports.noLayers}
          </p>
        </div>
        <div class="field">
          <label for="export-precision">{text.exports.precision}</label>
          <select
            id="export-precision"
            class="select"
            aria-describedby="export-precision-about"
            value={precision}
            disabled={!isReducible}
            onChange={({ currentTarget: { value } }) => setWanted(precisions.find((each) => each === value) ?? wanted)}
          >
            {precisions.map((each) => (
              <option key={each} value={each}>
                {text.exports.precisions[each].name}
              </option>
            ))}
          </select>
          <p id="export-precision-about" class="muted small">
            {isReducible ? text.exports.precisions[precision].about : text.exports.onlyFloat32}
          </p>
        </div>
        {precision !== 'float32' && (
          <TextField
            id="export-loss"
            label={text.exports.maxLoss}
            about={isValid ? text.exports.maxLossAbout : text.exports.maxLossRule}
            value={typed}
            onInput={setTyped}
            attributes={{ inputMode: 'decimal', autocomplete: 'off', 'aria-invalid': !isValid }}
          />
        )}
        {failure !== undefined && <Problem error={failure} />}
        <div class="row">
          <button type="submit" class="button" disabled={isBusy || !isValid}>
            {text.exports.button}
          </button>
          {isValid && <CopyAction action={exportAction(reference, body)} />}
        </div>
      </form>
    </Panel>
  );
}
