import { Empty, PageHead } from '../../components/basics.tsx';
import { linkTo } from '../../router.ts';
import { text } from '../../strings.ts';

/** Instead of a page that needs the features of all images, where the server does not have them. */
export function WithoutFeaturesPage({ name, part }: { readonly name: string; readonly part: 'label' | 'find' }) {
  const dataset = linkTo(['datasets', name]);
  return (
    <>
      <PageHead
        title={text[part].title(name)}
        crumbs={[
          { label: text.pages.datasets, link: '#/datasets' },
          { label: name, link: dataset },
        ]}
      />
      <section class="panel">
        <Empty
          icon="datasets"
          title={text.withoutFeatures.title}
          action={
            <a class="button" href={dataset}>
              {text.upload.toDataset}
            </a>
          }
        >
          {text.withoutFeatures[part]}
        </Empty>
      </section>
    </>
  );
}
