/** A drawing whose first bytes read as the `ftyp` box of an AVIF to whoever does not look at the box's size. */
export const disguisedSvg = Buffer.from(
  '<!--ftypavif--><svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>',
);
