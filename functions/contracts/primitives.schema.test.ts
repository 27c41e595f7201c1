// Branch names: what git itself would refuse, or would take for something else than a branch, does not get in.
import { expect, it } from 'vitest';
import { branchSchema } from './primitives.schema.ts';

it.each(['main', 'gt/toast/lib-1a2b', 'release-1.2', 'a.b/c_d', 'HEAD-1', 'a.lockx/b'])('takes the branch %s', (name) => {
  expect(branchSchema.safeParse(name).success).toBe(true);
});
it.each(['a/.b', 'a.lock/b', 'a.lock', 'HEAD', 'a..b', 'a//b', '-x', '/a', 'a/', 'a.', '@{1}', 'a b', ''])('refuses %j', (name) => {
  expect(branchSchema.safeParse(name).success).toBe(false);
});
