import { z } from 'zod';
import { DatasetRef } from '../../lib/contracts/reference.ts';
import { SuggestionQuery, Suggestions } from '../../lib/contracts/suggestions.ts';
import type { World } from '../../lib/ports.ts';
import { type Route, route } from '../api/route.ts';

/** Suggests labels of a version. */
export interface Suggester {
  suggest(ref: string, query: SuggestionQuery, world: World): Promise<Suggestions>;
  close(): Promise<void>;
}

/** The route of suggestions. It is on one machine only, because the features of all images stay in memory. */
export function getSuggestions(suggester: Suggester): Route {
  return route(
    {
      method: 'GET',
      path: '/v1/datasets/{id}/suggestions',
      about: 'Suggests labels for images that have none, and the next images to ask a person about.',
      params: z.object({ id: DatasetRef }),
      query: SuggestionQuery,
      response: Suggestions,
      problems: [404, 409],
    },
    ({ params: { id }, query }, { world }) => suggester.suggest(id, query, world),
  );
}
