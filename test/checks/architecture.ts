// The architecture check: dependency-cruiser over the rules of architecture-rules.ts. It also says how many modules it saw, because a
// checker that sees nothing finds nothing.
import { cruise } from 'dependency-cruiser';
import { forbidden, options } from './architecture-rules.ts';

export interface ArchitectureFindings {
  readonly modules: number;
  /** `<rule>: <from> -> <to>` */
  readonly violations: readonly string[];
}

/** `folders` are relative to `baseDir`, an absolute path. */
export const checkArchitecture = async (baseDir: string, folders: readonly string[]): Promise<ArchitectureFindings> => {
  const result = await cruise([...folders], { ...options, baseDir, ruleSet: { forbidden }, validate: true });
  if (typeof result.output === 'string') throw new Error('dependency-cruiser answered with text instead of its result');
  const { summary, modules } = result.output;
  return {
    modules: modules.filter((module) => !module.source.includes('node_modules')).length,
    violations: summary.violations.map((violation) => `${violation.rule.name}: ${violation.from} -> ${violation.to}`),
  };
};
