import { z } from 'zod';
import { AliasRecord, SetAlias } from '../../lib/contracts/model-http.ts';
import { Alias, Name } from '../../lib/contracts/names.ts';
import { promote } from '../../lib/promotion/promote.ts';
import { entityTag, isNamed } from './entity-tag.ts';
import { jsonResponse } from './response.ts';
import { route } from './route.ts';

/** Of two requests that have read the same alias, one moves it, and the other gets 412. */
export const setAlias = route(
  {
    method: 'PUT',
    path: '/v1/models/{name}/aliases/{alias}',
    about: 'Points an alias to a version that passes its gate; with If-Match or expected, only if the alias has not changed.',
    params: z.object({ name: Name, alias: Alias }),
    body: SetAlias,
    response: AliasRecord,
    problems: [404, 409, 412],
    ifMatch: true,
  },
  ({ params, body: { version, expected, force }, ifMatch }, { world }) =>
    promote(
      { ...params, version, force },
      world,
      (current) =>
        (expected === undefined || expected === (current?.version ?? null)) &&
        (ifMatch === undefined || (current !== undefined && isNamed(entityTag(jsonResponse(200, current).body), ifMatch))),
    ),
);
