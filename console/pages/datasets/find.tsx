import { useState } from 'preact/hooks';
import type { Client } from '../../../lib/client/client.ts';
import { Empty, PageHead } from '../../components/basics.tsx';
import { Preparing } from '../../components/preparing.tsx';
import { Problem } from '../../components/problem.tsx';
import { Unloaded } from '../../components/unloaded.tsx';
import { useLoaded, whilePreparing } from '../../hooks/use-loaded.ts';
import { linkTo } from '../../router.ts';
import { text } from '../../strings.ts';
import { LabelSelection } from '../labelling/label-selection.tsx';
import { PairReview } from '../labelling/pair-review.tsx';
import { ImageMap } from './image-map.tsx';

const VIEWS = ['map', 'pairs', 'unknown', 'similar'] as const;
type View = (typeof VIEWS)[number];

/** Finds images of a data set by their features, and changes their labels. */
export function FindPage({ name, query }: { readonly name: string; readonly query: URLSearchParams }) {
  const image = query.get('image') ?? undefined;
  const view = VIEWS.find((each) => each === query.get('view')) ?? 'map';
  const open = (each: View) => linkTo(['datasets', name, 'find'], { view: each, image });
  return (
    <>
      <PageHead
        title={text.find.title(name)}
        about={text.find.about}
        crumbs={[
          { label: text.pages.datasets, link: '#/datasets' },
          { label: name, link: linkTo(['datasets', name]) },
        ]}
      />
      <nav class="tabs views" aria-label={text.find.views}>
        {VIEWS.map((each) => (
          <a key={each} href={open(each)} aria-current={view === each ? 'page' : undefined}>
            {text.find.names[each]}
          </a>
        ))}
      </nav>
      {view === 'map' && <ImageMap name={name} />}
      {view === 'pairs' && <Pairs name={name} />}
      {view === 'unknown' && <Unknown name={name} />}
      {view === 'similar' && (image === undefined ? <NoImage name={name} /> : <Similar key={image} name={name} image={image} />)}
    </>
  );
}

function NoImage({ name }: { readonly name: string }) {
  return (
    <section class="panel">
      <Empty
        icon="datasets"
        title={text.find.names.similar}
        action={
          <a class="button" href={linkTo(['datasets', name])}>
            {text.dataset.samples}
          </a>
        }
      >
        {text.find.noSimilar}
      </Empty>
    </section>
  );
}

function Pairs({ name }: { readonly name: string }) {
  // Another round is another review: it begins without the answers of the one before, so that skipped pairs come again.
  const [round, setRound] = useState(0);
  const load = (client: Client) => client.datasets.pairs(name, { limit: 200 });
  const { value, error, reload } = useLoaded(`pairs ${name} ${round}`, load, whilePreparing);
  if (value === undefined) return <Unloaded error={error} lines={4} />;
  return (
    <>
      {error !== undefined && <Problem error={error} />}
      {value.state === 'preparing' && <Preparing progress={value.progress} />}
      {(value.state === 'ready' || value.pairs.length > 0) && (
        <PairReview
          name={name}
          found={value.pairs}
          total={value.total}
          isPreparing={value.state === 'preparing'}
          onMore={reload}
          onAgain={() => setRound(round + 1)}
        />
      )}
    </>
  );
}

function Unknown({ name }: { readonly name: string }) {
  const { value, error, reload } = useLoaded(
    `unknown ${name}`,
    (client) => Promise.all([client.datasets.unknown(name), client.datasets.get(name)]),
    (loaded) => whilePreparing(loaded?.[0]),
  );
  if (value === undefined) return <Unloaded error={error} lines={4} />;
  const [{ state, progress, images }, { classes }] = value;
  if (state === 'preparing') return <Preparing progress={progress} />;
  return (
    <>
      {error !== undefined && <Problem error={error} />}
      <LabelSelection
        name={name}
        title={text.find.unknownTray}
        about={text.find.unknownAbout}
        empty={text.find.noUnknown}
        images={images}
        classes={classes.map(({ label }) => label)}
        onSet={reload}
      />
    </>
  );
}

function Similar({ name, image }: { readonly name: string; readonly image: string }) {
  const { value, error, reload } = useLoaded(
    `similar ${name} ${image}`,
    (client) => Promise.all([client.datasets.similar(name, image), client.datasets.get(name)]),
    (loaded) => whilePreparing(loaded?.[0]),
  );
  if (value === undefined) return <Unloaded error={error} lines={4} />;
  const [{ state, progress, image: asked, similar }, { classes }] = value;
  if (state === 'preparing') return <Preparing progress={progress} />;
  return (
    <>
      {error !== undefined && <Problem error={error} />}
      <LabelSelection
        name={name}
        title={text.find.similarTo(asked.path)}
        images={[asked, ...similar]}
        classes={classes.map(({ label }) => label)}
        onSet={reload}
      />
    </>
  );
}
