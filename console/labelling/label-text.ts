/** Classes that are offered for a text. */
const MOST_OFFERED = 50;

/** The class that a text names: one of `labels`, or a new one; empty: none. */
export function labelOfText(typed: string, labels: readonly string[]): string {
  return labels.includes(typed) ? typed : typed.trim().normalize('NFC');
}

/** Some of the classes whose names contain a text: first those that begin with it. */
export function matchingLabels(typed: string, labels: readonly string[]): readonly string[] {
  const wanted = typed.trim().normalize('NFC').toLowerCase();
  const matches = labels.map((label) => ({ label, at: label.toLowerCase().indexOf(wanted) })).filter(({ at }) => at >= 0);
  const [first, others] = [matches.filter(({ at }) => at === 0), matches.filter(({ at }) => at > 0)];
  return [...first, ...others].slice(0, MOST_OFFERED).map(({ label }) => label);
}
