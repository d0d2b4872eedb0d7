import { counted } from '../../../lib/format.ts';
import { Empty, MoreButton, PageHead, Skeleton } from '../../components/basics.tsx';
import { Icon } from '../../components/icon.tsx';
import { Problem } from '../../components/problem.tsx';
import { ago } from '../../format.ts';
import { useList } from '../../hooks/use-list.ts';
import { linkTo } from '../../router.ts';
import { shortScore } from '../../score.ts';
import { text } from '../../strings.ts';

export function ModelsPage() {
  const list = useList(
    'models',
    (client, after) => client.models.list({ limit: 50, after }),
    ({ models }) => models,
  );
  const { items, error } = list;
  return (
    <>
      <PageHead title={text.pages.models} about={text.models.about} />
      {error !== undefined && <Problem error={error} />}
      {items === undefined && error === undefined && <Skeleton />}
      {items?.length === 0 && (
        <section class="panel">
          <Empty
            icon="models"
            title={text.models.empty}
            action={
              <a class="button primary" href="#/train">
                {text.jobs.train}
              </a>
            }
          >
            {text.models.emptyAbout}
          </Empty>
        </section>
      )}
      {items !== undefined && items.length > 0 && (
        <ul class="panel list" aria-label={text.pages.models}>
          {items.map(({ name, versions, aliases, versionCount = versions.length }) => {
            const newest = versions.at(-1);
            const score = newest && shortScore(newest);
            return (
              <li key={name}>
                <a class="item" href={linkTo(['models', name])}>
                  <Icon name="models" />
                  <span class="grow row">
                    <span class="name">{name}</span>
                    {Object.keys(aliases)
                      .filter((alias) => alias !== 'latest')
                      .slice(0, 3)
                      .map((alias) => (
                        <span key={alias} class="badge good">
                          {alias}
                        </span>
                      ))}
                  </span>
                  {score !== undefined && <span class="number">{score}</span>}
                  <span class="muted hide-narrow number">{counted(versionCount, text.version)}</span>
                  {newest !== undefined && <span class="muted hide-narrow">{ago(newest.createdAt)}</span>}
                  <Icon name="chevron" size={14} />
                </a>
              </li>
            );
          })}
        </ul>
      )}
      <MoreButton list={list} />
    </>
  );
}
