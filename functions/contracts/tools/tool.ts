// What a tool is, which roles share tools, and how argument schemas take what models send.
import { z } from 'zod';
import type { AgentRole } from '../agent.schema.ts';

/** Models often send objects as JSON text; parse such a string before the object is checked. */
export const objectOrJson = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => {
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return value;
    }
  }, schema);

export interface Tool {
  readonly name: string;
  readonly roles: readonly AgentRole[];
  readonly description: string;
  readonly input: z.ZodObject;
}
export const tool = <N extends string, S extends z.ZodRawShape>(name: N, roles: readonly AgentRole[], description: string, shape: S) =>
  ({ name, roles, description, input: z.strictObject(shape) }) as const;

export const working = ['polecat', 'refinery'] as const;
export const everyone = ['mayor', 'polecat', 'refinery', 'triage', 'crew'] as const;
