// What a tool says: short JSON and one sentence that says what follows from it.

export interface ToolAnswer {
  readonly data: Readonly<Record<string, unknown>>;
  readonly sentence: string;
}

/** Text for the model: the sentence first, then the JSON on its own line. */
export const answerText = ({ data, sentence }: ToolAnswer): string => `${sentence}\n${JSON.stringify(data)}`;
