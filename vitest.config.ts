import { defineConfig } from 'vitest/config';

/** Tests of pages in a real browser, which wait more than they compute: two files at a time. */
const pages = ['test/browser/**/*.test.ts'];
/** Tests with many real processes: one file at a time, after the others, so that their time limits mean something on two cores. */
const heavy = [
  'test/{e2e,runner}/**/*.test.ts',
  'test/merges/{machines,push-once}.test.ts',
  'test/store/durable.test.ts',
  'test/rules/simulator-table.test.ts',
];
const shared = {
  exclude: ['**/node_modules/**', '**/dist/**'],
  globalSetup: ['test/store/dynamodb-global-setup.ts'],
  hookTimeout: 180_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'quick',
          include: ['{functions,container,infra,test,web}/**/*.test.ts'],
          exclude: [...shared.exclude, ...pages, ...heavy],
          maxWorkers: 2,
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...shared, name: 'pages', include: pages, maxWorkers: 2, testTimeout: 180_000, sequence: { groupOrder: 1 } } },
      { test: { ...shared, name: 'real', include: heavy, fileParallelism: false, testTimeout: 180_000, sequence: { groupOrder: 2 } } },
    ],
  },
});
