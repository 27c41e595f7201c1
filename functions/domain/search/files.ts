// Paths of a repository as search keeps them: folders, names, and what stands for too many of them.

export interface FolderFiles {
  /** `.` is the top. */
  readonly folder: string;
  /** None: too many to name. */
  readonly names: readonly string[];
}
export const topFolder = '.';

const isFolder = (path: string): boolean => path.endsWith('/');
export const withoutSlash = (path: string): string => path.replace(/\/+$/, '');
/** The folder in which a file lies; a folder lies in itself. */
export const folderOf = (path: string): string => {
  if (isFolder(path)) return withoutSlash(path) || topFolder;
  const end = path.lastIndexOf('/');
  return end < 0 ? topFolder : path.slice(0, end);
};
const nameOf = (path: string): string => (isFolder(path) ? '' : path.slice(path.lastIndexOf('/') + 1));

/** Whether `path` is the folder or lies in it; everything lies in the top. */
export const isWithin = (path: string, folder: string): boolean => {
  const above = withoutSlash(folder);
  const below = withoutSlash(path);
  return above === topFolder || above === '' || below === above || below.startsWith(`${above}/`);
};
/** Whether the two have something in common: one is the other, or lies in it. */
export const meet = (one: string, other: string): boolean => isWithin(one, other) || (isFolder(one) && isWithin(other, one));

const grouped = (paths: readonly string[]): FolderFiles[] => {
  const folders = new Map<string, Set<string>>();
  for (const path of paths) {
    const names = folders.get(folderOf(path)) ?? new Set<string>();
    names.add(nameOf(path));
    folders.set(folderOf(path), names);
  }
  return [...folders].map(([folder, names]) => ({ folder, names: names.has('') ? [] : [...names].toSorted() }));
};
const levelsOf = (path: string): number => (path === topFolder ? 0 : path.split('/').length);
/** Paths deeper than so many levels, as the folder at that level. */
const cutAt = (paths: readonly string[], levels: number): string[] => [
  ...new Set(
    paths.map((path) =>
      levelsOf(folderOf(path)) <= levels ? path : `${folderOf(path).split('/').slice(0, Math.max(1, levels)).join('/')}/`,
    ),
  ),
];

/** The files by folder, in at most `most` folders: where there are more, the deepest become the folder above them. */
export const byFolder = (paths: readonly string[], most: number): FolderFiles[] => {
  for (let levels = Math.max(0, ...paths.map((path) => levelsOf(folderOf(path)))); ; levels -= 1) {
    const folders = grouped(cutAt(paths, levels));
    if (folders.length <= most || levels <= 1) return folders.slice(0, most);
  }
};

/** Paths within a size: all of them, else their folders with a slash at the end, else the first ones. */
export const pathsWithin = (paths: readonly string[], most: number, maxBytes: number): string[] => {
  const fits = (some: readonly string[]): boolean => some.length <= most && JSON.stringify(some).length <= maxBytes;
  if (fits(paths)) return [...paths];
  const folders = byFolder(paths, most).map(({ folder }) => (folder === topFolder ? './' : `${folder}/`));
  while (!fits(folders)) folders.pop();
  return folders;
};
