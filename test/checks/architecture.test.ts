import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkArchitecture } from './architecture.ts';

const root = join(import.meta.dirname, '..', '..');
const folders = ['functions', 'container', 'infra', 'web'];

describe('the architecture of the project', () => {
  it('keeps its import rules, and the checker sees the modules', async () => {
    const findings = await checkArchitecture(root, folders);
    expect(findings.violations).toEqual([]);
    expect(findings.modules).toBeGreaterThan(100);
  });
});

describe('a planted violation turns the check red', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gastown-architecture-'));
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const plant = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> => {
    for (const place of folders) await rm(join(folder, place), { recursive: true, force: true });
    for (const place of folders) await mkdir(join(folder, place), { recursive: true });
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    return (await checkArchitecture(folder, folders)).violations.map((violation) => violation.split(':')[0] ?? '');
  };
  const empty = 'export const nothing = 0;\n';

  it.each([
    [
      'a contract that imports a rule',
      { 'functions/contracts/a.ts': "export { nothing } from '../domain/b.ts';\n", 'functions/domain/b.ts': empty },
      'functions-contracts-imports-its-own',
    ],
    [
      'a rule that imports a handler',
      { 'functions/domain/a.ts': "export { nothing } from '../api/b.ts';\n", 'functions/api/b.ts': empty },
      'functions-domain-imports-its-own',
    ],
    [
      'a rule that reads a file',
      { 'functions/domain/a.ts': "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n" },
      'domain-without-node',
    ],
    [
      'a rule that calls a port',
      { 'functions/domain/a.ts': "import { nothing } from '../ports.ts';\nexport const called = nothing;\n", 'functions/ports.ts': empty },
      'domain-uses-types-of-ports',
    ],
    [
      'a runner that imports a rule',
      { 'container/src/a.ts': "export { nothing } from '../../functions/domain/b.ts';\n", 'functions/domain/b.ts': empty },
      'container-imports-its-own',
    ],
    [
      'a page that imports a handler',
      { 'web/src/a.ts': "export { nothing } from '../../functions/api/b.ts';\n", 'functions/api/b.ts': empty },
      'web-imports-its-own',
    ],
    [
      'a handler that imports infrastructure',
      { 'functions/api/a.ts': "export { nothing } from '../../infra/local/b.ts';\n", 'infra/local/b.ts': empty },
      'functions-without-infra',
    ],
    [
      'a stack that imports a handler',
      { 'infra/aws/a.ts': "export { nothing } from '../../functions/api/b.ts';\n", 'functions/api/b.ts': empty },
      'aws-infra-refers-by-path',
    ],
    [
      'a local program that imports a stack',
      { 'infra/local/a.ts': "export { nothing } from '../aws/b.ts';\n", 'infra/aws/b.ts': empty },
      'local-infra-without-aws',
    ],
    [
      'two modules in a circle',
      {
        'functions/api/a.ts': "import { b } from './b.ts';\nexport const a = () => b;\n",
        'functions/api/b.ts': "import { a } from './a.ts';\nexport const b = () => a;\n",
      },
      'no-cycles',
    ],
  ])('%s', async (_name, files, rule) => {
    expect(await plant(files)).toContain(rule);
  });
});
