// Which files a text is about: the paths that it names. Pure.
import { pathInputSchema } from '../../contracts/search.schema.ts';
import { folderOf, topFolder, withoutSlash } from './files.ts';

const mostPaths = 15;
const mostText = 20_000;
/** `src/billing/`, `src/app.ts`, `README.md`; addresses of the web are taken out before. */
// It begins where no character of a path stands before: each is looked at from one beginning only, so that no text takes long.
const pathShape = /(?<![\w/.@+-])(?:(?:[\w@.+-]+\/)+[\w@.+-]*|[\w+-]+(?:\.[\w+-]+)*\.[a-z][a-z0-9]{0,5})(?![\w/])/g;

export const pathsIn = (text: string): string[] => {
  const plain = text.slice(0, mostText).replaceAll(/\b[a-z]+:\/\/\S+/g, ' ');
  const named = [...plain.matchAll(pathShape)].map(([path]) => path.replace(/^\.\//, '').replace(/\.+$/, ''));
  return [...new Set(named)].filter((path) => path !== '' && pathInputSchema.safeParse(path).success).slice(0, mostPaths);
};

const mostFolders = 40;
/** The folders in which something about the paths may be known: of a file its own, the path itself, and those above. */
export const foldersAround = (paths: readonly string[]): string[] => {
  const above = (folder: string): string[] => {
    const end = folder.lastIndexOf('/');
    return end < 0 ? [topFolder] : [folder.slice(0, end), ...above(folder.slice(0, end))];
  };
  const near = paths.flatMap((path) => [folderOf(path), withoutSlash(path)]);
  return [...new Set([...near, ...near.flatMap(above)])].slice(0, mostFolders);
};
