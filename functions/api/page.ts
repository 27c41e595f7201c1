// Page requests of lists.
import { limits } from '../contracts/primitives.schema.ts';
import type { Page, PageRequest } from '../ports.ts';

const usualPage = 50;
/** The page that a query asks for: 50 items unless told, at most 100. */
export const pageOf = (query: { readonly limit?: number | undefined; readonly cursor?: string | undefined }): PageRequest => ({
  limit: Math.min(query.limit ?? usualPage, limits.pageItems),
  ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
});

/** As the wire has it. */
export const wirePage = <T>(page: Page<T>): { items: T[]; cursor?: string } => ({
  items: [...page.items],
  ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
});
