/** A longer text is no misspelt word, and comparing it would take seconds: the time grows with its length. */
const LONGEST_WORD = 100;
const MOST_CANDIDATES = 1000;

/**
 * Finds the candidate with the most similar spelling, for "did you mean".
 * @returns undefined if no candidate is similar enough
 */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  if (name.length > LONGEST_WORD) return undefined;
  const own = lettersOf(name);
  const ranked = candidates
    .filter((candidate) => candidate.length <= LONGEST_WORD)
    .slice(0, MOST_CANDIDATES)
    .map((candidate) => ({ candidate, letters: lettersOf(candidate) }))
    .map(({ candidate, letters }) => ({ candidate, letters, distance: editDistance(own, letters) }))
    .filter(({ letters, distance }) => distance <= Math.max(own.length, letters.length) / 2)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate;
}

/** The letters and digits of a name, in small letters. */
function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** Returns the Levenshtein distance: the number of characters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...b].entries()) {
      const [diagonal = 0, above = 0, left = 0] = [row[column], row[column + 1], next[column]];
      next.push(Math.min(above + 1, left + 1, diagonal + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
