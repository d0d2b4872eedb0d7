import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { EstimatedJob } from '../../../lib/contracts/http.ts';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { modelNameFor } from '../../../lib/contracts/model-name.ts';
import { Name } from '../../../lib/contracts/names.ts';
import { dollars, roughDuration } from '../../../lib/format.ts';
import { actionOf } from '../../actions.ts';
import { apiAddress, client } from '../../api.ts';
import { Empty, MoreButton, NameField, PageHead, Panel } from '../../components/basics.tsx';
import { CasesPicture } from '../../components/cases-picture.tsx';
import { CopyAction } from '../../components/copy-action.tsx';
import { Icon } from '../../components/icon.tsx';
import { Problem } from '../../components/problem.tsx';
import { UnloadedPage } from '../../components/unloaded.tsx';
import { useList } from '../../hooks/use-list.ts';
import { type Loaded, useLoaded } from '../../hooks/use-loaded.ts';
import { useSubmission } from '../../hooks/use-submission.ts';
import { replaceAddress, withQuery } from '../../router.ts';
import { text } from '../../strings.ts';
import { BackboneChoice } from './backbone-choice.tsx';

const EFFORTS = JobSpec.shape.effort.unwrap().options;
type Effort = (typeof EFFORTS)[number];
const DATASETS_A_PAGE = 100;
const DEFAULT_BACKBONE = 'efficientnet_lite0';

/** Trains on a data set: one button, with the choices that matter behind it. */
export function TrainPage({ query }: { readonly query: URLSearchParams }) {
  const given = query.get('dataset');
  const list = useList(
    'datasets to train on',
    (client, after) => client.datasets.list({ limit: DATASETS_A_PAGE, after }),
    ({ datasets }) => datasets,
  );
  const { items, error } = list;
  const crumbs = [{ label: text.pages.jobs, link: '#/jobs' }];
  if (items === undefined) return <UnloadedPage title={text.jobs.train} crumbs={crumbs} error={error} lines={3} />;
  const names = items.map(({ name }) => name);
  const dataset = given ?? names[0];
  if (dataset === undefined) {
    const action = (
      <a class="button primary" href="#/datasets">
        {text.train.toDatasets}
      </a>
    );
    return (
      <>
        <PageHead title={text.jobs.train} crumbs={crumbs} />
        <section class="panel">
          <Empty icon="datasets" title={text.train.noDataset} action={action}>
            {text.train.noDatasetAbout}
          </Empty>
        </section>
      </>
    );
  }
  return <TrainForm dataset={dataset} datasets={names} more={<MoreButton list={list} />} query={query} />;
}

function TrainForm(props: {
  readonly dataset: string;
  readonly datasets: readonly string[];
  /** Loads further data sets. */
  readonly more: ComponentChildren;
  readonly query: URLSearchParams;
}) {
  const { dataset, datasets, more, query } = props;
  const [datasetName = dataset] = dataset.split(/[@:]/);
  const defaultName = modelNameFor(datasetName);
  const nameOfAddress = query.get('name') ?? defaultName;
  const [name, setName] = useState(nameOfAddress);
  useEffect(() => setName(nameOfAddress), [dataset]);
  const effort: Effort = EFFORTS.find((each) => each === query.get('effort')) ?? 'auto';
  const backbone = query.get('backbone') || DEFAULT_BACKBONE;
  const [isOpen, setOpen] = useState(query.has('backbone'));
  const { failure, isBusy, submit } = useSubmission();
  const isNamed = Name.safeParse(name).success;
  /** Stays for another data set, unlike the default of this one. */
  const typedName = name === '' || name === defaultName ? undefined : name;
  const spec = { name: isNamed ? name : defaultName, dataset, effort, backbone: { name: backbone } } satisfies JobSpecInput;
  // The name changes nothing about the time, so typing it sends no request.
  const estimated = { ...spec, name: defaultName };
  const estimate = useLoaded(`estimate ${JSON.stringify(estimated)}`, (client) => client.estimate(estimated));
  const options = [dataset, ...datasets.filter((other) => other !== dataset && other !== datasetName)];

  return (
    <form class="column" onSubmit={(event) => submit(event, () => client.jobs.submit(spec))}>
      <PageHead title={text.train.title(datasetName)} crumbs={[{ label: text.pages.jobs, link: '#/jobs' }]}>
        {isNamed && <CopyAction action={submitAction(spec)} />}
      </PageHead>
      <Panel title={text.train.what}>
        <div class="two">
          <div class="field">
            <label for="dataset">{text.train.dataset}</label>
            <select
              id="dataset"
              class="select"
              value={dataset}
              onChange={(event) => replaceAddress(withQuery({ dataset: event.currentTarget.value, name: typedName }))}
            >
              {options.map((option) => (
                <option key={option} value={option}>
                  {option.replace(/(@sha256-.{12}).*/, '$1')}
                </option>
              ))}
            </select>
            {more}
          </div>
          <NameField
            id="model-name"
            label={text.train.name}
            rule={text.train.nameRule}
            about={text.train.nameAbout}
            value={name}
            isValid={isNamed}
            onInput={(typed) => {
              setName(typed);
              replaceAddress(withQuery({ dataset, name: typed === defaultName ? undefined : typed }));
            }}
          />
        </div>
        <fieldset class="plain">
          <legend class="label">{text.train.effort}</legend>
          <div class="choices">
            {EFFORTS.map((option) => (
              <label key={option} class="choice">
                <input
                  type="radio"
                  name="effort"
                  checked={effort === option}
                  onChange={() => replaceAddress(withQuery({ dataset, effort: option === 'auto' ? undefined : option }))}
                />
                <span class="name">{text.train.efforts[option].name}</span>
                <span class="muted small">{text.train.efforts[option].about}</span>
              </label>
            ))}
          </div>
        </fieldset>
        {failure !== undefined && <Problem error={failure} />}
        <div class="train-end">
          <button type="submit" class="button primary large" disabled={isBusy || !isNamed || estimate.error !== undefined}>
            {text.train.button}
          </button>
          <EstimateLine estimate={estimate} />
        </div>
        <details class="more" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>
            <Icon name="chevron" size={14} />
            {text.train.more(backbone)}
          </summary>
          <div class="content column">
            <BackboneChoice chosen={backbone} onChoose={(chosen) => replaceAddress(withQuery({ dataset, backbone: chosen }))} />
            <h3>{text.train.casesTitle}</h3>
            <p class="muted">{text.train.casesAbout}</p>
            <CasesPicture />
          </div>
        </details>
      </Panel>
    </form>
  );
}

function EstimateLine({ estimate: { value, error } }: { readonly estimate: Loaded<EstimatedJob> }) {
  if (error !== undefined) return <Problem error={error} />;
  if (value === undefined) return <span class="muted">{text.train.estimating}</span>;
  const { range, seconds, dollarsRange, dollars: cost, target, instance } = value;
  const time =
    range === undefined
      ? roughDuration(seconds)
      : `${roughDuration(range.low, Math.floor)} – ${roughDuration(range.upper, Math.ceil)}`;
  const expected = roughDuration(range?.expected ?? seconds);
  const money = cost === undefined ? text.train.free : text.train.cost(dollars(dollarsRange?.expected ?? cost));
  return (
    <span class="muted number" aria-live="polite">
      <strong class="estimate">{text.train.about(expected)}</strong> ({time}){' '}
      {text.train.on(instance ?? text.train.targets[target])}, {money}
    </span>
  );
}

function submitAction(spec: JobSpecInput & { readonly backbone: { readonly name: string } }) {
  const { name, dataset, effort = 'auto', backbone } = spec;
  return actionOf(apiAddress, {
    method: 'POST',
    path: '/v1/jobs',
    body: spec,
    command: [
      'train',
      '--dataset',
      dataset,
      '--name',
      name,
      ...(effort === 'auto' ? [] : ['--effort', effort]),
      ...(backbone.name === DEFAULT_BACKBONE ? [] : ['--backbone', backbone.name]),
      '--wait',
    ],
    call: `const job = await client.jobs.submit(${JSON.stringify(spec, null, 2)});`,
  });
}
