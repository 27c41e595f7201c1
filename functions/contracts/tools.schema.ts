// Tools that agents call over MCP: argument schema, roles, and the sentence the model reads.
import { beadTools } from './tools/beads.ts';
import { costTools } from './tools/costs.ts';
import { crewTools } from './tools/crew.ts';
import { escalationTools } from './tools/escalations.ts';
import { formulaTools } from './tools/formulas.ts';
import { historyTools } from './tools/history.ts';
import { mayorTools } from './tools/mayor.ts';
import { messageTools } from './tools/messages.ts';
import { reviewTools } from './tools/review.ts';
import { triageTools } from './tools/triage.ts';
import { workingTools } from './tools/working.ts';

export type { Tool } from './tools/tool.ts';

export const tools = {
  ...mayorTools,
  ...beadTools,
  ...costTools,
  ...crewTools,
  ...workingTools,
  ...escalationTools,
  ...formulaTools,
  ...reviewTools,
  ...triageTools,
  ...messageTools,
  ...historyTools,
};
export type ToolName = keyof typeof tools;
