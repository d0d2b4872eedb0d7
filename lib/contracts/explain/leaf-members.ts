/**
 * Lists the members of a JSON object that are no objects themselves, by path such as `training.epochs`. A list is one
 * member.
 * @param path of the object; its members' paths begin with it
 */
export function leafMembers(value: object, path = ''): Map<string, unknown> {
  const members = new Map<string, unknown>();
  for (const [name, member] of Object.entries(value)) {
    const at = path === '' ? name : `${path}.${name}`;
    if (typeof member !== 'object' || member === null || Array.isArray(member)) members.set(at, member);
    else for (const [deeper, leaf] of leafMembers(member, at)) members.set(deeper, leaf);
  }
  return members;
}
