import { render } from 'preact';
import { hasFeatures, signIn, signInFailure } from './access.ts';
import { needsToken } from './api.ts';
import { Shell } from './components/shell.tsx';
import { DatasetPage } from './pages/datasets/dataset.tsx';
import { DatasetsPage } from './pages/datasets/datasets.tsx';
import { FindPage } from './pages/datasets/find.tsx';
import { UploadPage } from './pages/datasets/upload.tsx';
import { WithoutFeaturesPage } from './pages/datasets/without-features.tsx';
import { JobPage } from './pages/jobs/job.tsx';
import { JobsPage } from './pages/jobs/jobs.tsx';
import { TrainPage } from './pages/jobs/train.tsx';
import { LabelPage } from './pages/labelling/label.tsx';
import { LookPage } from './pages/look/look.tsx';
import { ComparePage } from './pages/models/compare.tsx';
import { ModelPage } from './pages/models/model.tsx';
import { ModelsPage } from './pages/models/models.tsx';
import { TryPage } from './pages/models/try.tsx';
import { pageAddress } from './router.ts';
import { readSignInSettings } from './sign-in/read-settings.ts';
import './style/tokens.css';
import './style/base.css';
import './style/shell.css';
import './style/components.css';
import './style/pages.css';
import './style/find.css';
import './style/look.css';

/** The page at the address. A key per object: a page of another object starts with fresh state. */
function CurrentPage() {
  const { parts, query } = pageAddress.value;
  const [section = 'datasets', name, part] = parts;
  if (section === 'uploads' && name !== undefined) return <UploadPage key={name} id={name} />;
  if (section === 'train') return <TrainPage query={query} />;
  if (section === 'jobs') return name === undefined ? <JobsPage /> : <JobPage id={name} beside={query.get('beside')} />;
  if (section === 'models' && name !== undefined && part === 'look')
    return <LookPage key={`${name}@${query.get('version')}`} name={name} query={query} />;
  if (section === 'models' && name !== undefined)
    return part === 'compare' ? (
      <ComparePage key={name} name={name} query={query} />
    ) : (
      <ModelPage key={name} name={name} query={query} />
    );
  if (section === 'models') return <ModelsPage />;
  if (section === 'try') return <TryPage given={name} />;
  if (name !== undefined && (part === 'label' || part === 'find') && !hasFeatures.value)
    return <WithoutFeaturesPage name={name} part={part} />;
  if (name !== undefined && part === 'label') return <LabelPage key={name} name={name} />;
  if (name !== undefined && part === 'find') return <FindPage key={name} name={name} query={query} />;
  return name === undefined ? <DatasetsPage /> : <DatasetPage key={name} reference={name} query={query} />;
}

/** On a site with sign-in, opens the session before any request. Other pages do not load its code. */
async function openAccess(): Promise<void> {
  const settings = readSignInSettings();
  if (settings === undefined) return;
  const { openSignIn } = await import('./sign-in/open-sign-in.ts');
  signIn.value = await openSignIn(settings);
  needsToken.value = signIn.value.user() === undefined;
}

await openAccess().catch((error) => {
  signInFailure.value = error;
  needsToken.value = true;
});

const root = document.getElementById('app');
if (root !== null) {
  render(
    <Shell>
      <CurrentPage />
    </Shell>,
    root,
  );
}
