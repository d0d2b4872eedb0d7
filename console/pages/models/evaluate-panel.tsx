import { useState } from 'preact/hooks';
import { client } from '../../api.ts';
import { Empty, MoreButton, Panel, SelectField } from '../../components/basics.tsx';
import { CopyAction } from '../../components/copy-action.tsx';
import { Problem } from '../../components/problem.tsx';
import { Unloaded } from '../../components/unloaded.tsx';
import { useList } from '../../hooks/use-list.ts';
import { useSubmission } from '../../hooks/use-submission.ts';
import { evaluateAction } from '../../model-actions.ts';
import { text } from '../../strings.ts';

const DATASETS_A_PAGE = 100;

/**
 * Evaluates a version on a data set, by a job.
 * @param props.reference `NAME@VERSION`
 * @param props.trainedOn the name of its data set, whose images would make the metrics too good
 */
export function EvaluatePanel({ reference, trainedOn }: { readonly reference: string; readonly trainedOn: string }) {
  const list = useList(
    'datasets to evaluate on',
    (client, after) => client.datasets.list({ limit: DATASETS_A_PAGE, after }),
    ({ datasets }) => datasets,
  );
  const [chosen, setChosen] = useState<string>();
  const { failure, isBusy, submit } = useSubmission();
  const { items, error } = list;
  if (items === undefined) return <Unloaded error={error} lines={2} />;
  const names = items.map(({ name }) => name);
  const dataset = chosen ?? names.find((name) => name !== trainedOn) ?? names[0];
  return (
    <Panel title={text.evaluate.title(reference)}>
      {dataset === undefined && (
        <Empty
          icon="datasets"
          title={text.evaluate.none}
          action={
            <a class="button" href="#/datasets">
              {text.train.toDatasets}
            </a>
          }
        >
          {text.evaluate.noneAbout}
        </Empty>
      )}
      {dataset !== undefined && (
        <form class="column" onSubmit={(event) => submit(event, () => client.models.evaluate(reference, dataset))}>
          <SelectField
            id="evaluate-on"
            label={text.evaluate.dataset}
            about={dataset === trainedOn ? text.evaluate.tooGood : text.evaluate.about}
            value={dataset}
            options={names.map((name) => ({ value: name, name: name === trainedOn ? text.evaluate.trainedOn(name) : name }))}
            onChange={setChosen}
          >
            <MoreButton list={list} />
          </SelectField>
          {failure !== undefined && <Problem error={failure} />}
          <div class="row">
            <button type="submit" class="button" disabled={isBusy}>
              {text.evaluate.button}
            </button>
            <CopyAction action={evaluateAction(reference, dataset)} />
          </div>
        </form>
      )}
    </Panel>
  );
}
