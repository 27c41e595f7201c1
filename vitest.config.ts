import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{functions,container,infra,test,web}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['test/store/dynamodb-global-setup.ts'],
    // Two cores are the smallest machine we promise; more workers only make time limits tight.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
