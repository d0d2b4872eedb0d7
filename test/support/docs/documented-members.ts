import { codesIn, readPage, sectionOf } from './pages.ts';

/** The members that docs/command.md names for the JSON of a command whose document has no lists of objects. */
export function documentedMembers(command: string): string[] {
  const row = sectionOf(readPage('docs/command.md'), 'JSON').rows.find(({ cells }) =>
    codesIn(cells.command ?? '').includes(command),
  );
  const [document = ''] = codesIn(row?.cells.document ?? '');
  return document.replaceAll(/[{}?]/g, '').split(', ').sort();
}
