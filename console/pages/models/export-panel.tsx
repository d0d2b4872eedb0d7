import { useState } from 'preact/hooks';
import type { ModelCard } from '../../../lib/contracts/model-card.ts';
import { exportFormats } from '../../../lib/contracts/model-export.ts';
import { precisions } from '../../../lib/contracts/precision.ts';
import { client } from '../../api.ts';
import { Panel, SelectField, TextField } from '../../components/basics.tsx';
import { CopyAction } from '../../components/copy-action.tsx';
import { Problem } from '../../components/problem.tsx';
import { decimalOf } from '../../decimal.ts';
import { hasFormat, hasPrecisions } from '../../export-choices.ts';
import { useSubmission } from '../../hooks/use-submission.ts';
import { exportAction, exportBody } from '../../model-actions.ts';
import { text } from '../../strings.ts';

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
        <SelectField
          id="export-format"
          label={text.exports.format}
          about={[text.exports.formats[format].about, ...(lacksFormats ? [text.exports.noLayers] : [])].join(' ')}
          value={format}
          options={exportFormats.map((each) => ({
            value: each,
            name: text.exports.formats[each].name,
            isDisabled: !hasFormat(card, each),
          }))}
          onChange={setFormat}
        />
        <SelectField
          id="export-precision"
          label={text.exports.precision}
          about={isReducible ? text.exports.precisions[precision].about : text.exports.onlyFloat32}
          value={precision}
          options={precisions.map((each) => ({ value: each, name: text.exports.precisions[each].name }))}
          isDisabled={!isReducible}
          onChange={setWanted}
        />
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
