/** Shortens a label for a report, in which labels are repeated many times. */
export function shortenLabel(label: string): string {
  return label.length <= 120 ? label : `${label.slice(0, 119)}…`;
}
