import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { circle, hasSameSpots, isInside, nearestSpot } from '../../../console/map-geometry.ts';

const number = fc.integer({ min: -50, max: 50 });
const spot = fc.record({ x: number, y: number });

describe('the geometry of the map', () => {
  it('says that a spot is in a circle if it is nearer to its centre than the radius', () => {
    fc.assert(
      fc.property(spot, spot, fc.integer({ min: 1, max: 80 }), (centre, at, radius) => {
        const distance = Math.hypot(at.x - centre.x, at.y - centre.y);
        // The polygon of the circle lies a little inside it.
        fc.pre(distance > radius || distance < radius * 0.99);
        expect(isInside(at, circle(centre, radius))).toBe(distance < radius);
      }),
    );
  });

  it.each([
    ['in the notch of a U', { x: 2, y: 1 }, false],
    ['in its left arm', { x: 0.5, y: 1 }, true],
    ['outside', { x: 9, y: 1 }, false],
  ])('follows a concave lasso: %s', (_, at, expected) => {
    const corners = [
      [0, 0],
      [1, 0],
      [1, 2],
      [3, 2],
      [3, 0],
      [4, 0],
      [4, 4],
      [0, 4],
    ];
    const lasso = corners.map(([x = 0, y = 0]) => ({ x, y }));
    expect(isInside(at, lasso)).toBe(expected);
    expect(isInside(at, [])).toBe(false);
  });

  it('finds the nearest spot within some pixels', () => {
    const spots = [
      { x: 0, y: 0 },
      { x: 5, y: 0 },
    ];
    expect(nearestSpot(spots, { x: 3, y: 0 }, 10)).toBe(1);
    expect(nearestSpot(spots, { x: 30, y: 0 }, 10)).toBeUndefined();
  });

  it.each([
    ['other labels of the same images', [1, 2], [3, 4], true],
    ['another image', [1, 2.5], [3, 4], false],
    ['another height', [1, 2], [3, 4.5], false],
    ['one more image', [1, 2, 5], [3, 4, 6], false],
    ['one image less', [1], [3], false],
  ])('compares a map with a later one: %s', (_, x, y, expected) =>
    expect(hasSameSpots({ x: [1, 2], y: [3, 4] }, { x, y })).toBe(expected),
  );
});
