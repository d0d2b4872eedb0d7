/**
 * The address of the folder of a page, without a slash at its end. The API is there: a proxy may serve both below a path.
 * @param page the address of the page; the console's routes are in its fragment
 */
export function pageFolder(page: string): string {
  const { origin, pathname } = new URL('.', page);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}
