/** Picks at most so many of some images, evenly spread over all. */
export function spreadEvenly<Image>(images: readonly Image[], most: number): Image[] {
  const count = Math.min(most, images.length);
  return Array.from({ length: count }, (_, i) => images[Math.floor((i * images.length) / count)]).filter(
    (image) => image !== undefined,
  );
}
