import { z } from 'zod';
import {
  DatasetMap,
  DoubtfulPairs,
  PairQuery,
  SimilarImages,
  SimilarQuery,
  UnknownImages,
  UnknownQuery,
} from '../../lib/contracts/find-images.ts';
import { DatasetRef } from '../../lib/contracts/reference.ts';
import { SuggestionQuery, Suggestions } from '../../lib/contracts/suggestions.ts';
import { type Route, route } from '../api/route.ts';
import type { LabellingService } from './labelling-service.ts';

const params = z.object({ id: DatasetRef });
const problems = [404, 409];

/** Routes that need the features of all images in memory: of `graft dev`, and of `graft console` for an API elsewhere. */
export function findRoutes(service: LabellingService): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/v1/datasets/{id}/suggestions',
        about: 'Suggests labels for images that have none, and the next images to ask a person about.',
        params,
        query: SuggestionQuery,
        response: Suggestions,
        problems,
      },
      ({ params: { id }, query }) => service.suggest(id, query),
    ),
    route(
      {
        method: 'GET',
        path: '/v1/datasets/{id}/similar',
        about: 'Finds the images of a version that are the most similar to one of them.',
        params,
        query: SimilarQuery,
        response: SimilarImages,
        problems,
      },
      ({ params: { id }, query }) => service.similar(id, query),
    ),
    route(
      {
        method: 'GET',
        path: '/v1/datasets/{id}/map',
        about: 'Maps all images of a version in two dimensions, by their features.',
        params,
        response: DatasetMap,
        problems,
      },
      ({ params: { id } }) => service.map(id),
    ),
    route(
      {
        method: 'GET',
        path: '/v1/datasets/{id}/pairs',
        about: 'Finds pairs of images whose labels contradict each other.',
        params,
        query: PairQuery,
        response: DoubtfulPairs,
        problems,
      },
      ({ params: { id }, query }) => service.pairs(id, query),
    ),
    route(
      {
        method: 'GET',
        path: '/v1/datasets/{id}/unknown',
        about: 'Finds images without a label that are unlike every labelled image.',
        params,
        query: UnknownQuery,
        response: UnknownImages,
        problems,
      },
      ({ params: { id }, query }) => service.unknown(id, query),
    ),
  ];
}
