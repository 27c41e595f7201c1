// What a scripted role does next: says something and calls tools, or ends its turn, or lets the connection break.

export interface ToolCall {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
}
export type Decision =
  | { readonly kind: 'call'; readonly text: string; readonly calls: readonly ToolCall[]; readonly extraDelayMs?: number }
  | { readonly kind: 'say'; readonly text: string; readonly extraDelayMs?: number }
  /** The answer breaks off in the middle; only ever once per mark. */
  | { readonly kind: 'break' };

export const call = (text: string, ...calls: readonly ToolCall[]): Decision => ({ kind: 'call', text, calls });
export const say = (text: string): Decision => ({ kind: 'say', text });

/** Remembers what may happen only once, over restarts of the server. */
export interface OnceMemory {
  /** True the first time that a mark is asked for, false ever after. */
  first(mark: string): boolean;
}
