// What is wrong with a formula or its variables, said about the step in which it was found. Pure.

export interface FormulaProblem {
  /** Id of the step; absent when it is about the whole formula. */
  readonly step?: string;
  readonly message: string;
}
export type Report = (message: string, step?: string) => void;

export const collector = (): { readonly problems: FormulaProblem[]; readonly report: Report } => {
  const problems: FormulaProblem[] = [];
  return {
    problems,
    report: (message, step) => {
      const problem: FormulaProblem = step === undefined ? { message } : { step, message };
      if (!problems.some((known) => known.step === problem.step && known.message === message)) problems.push(problem);
    },
  };
};

/** One sentence per problem, the step named first. */
export const problemSentence = ({ step, message }: FormulaProblem): string => (step === undefined ? message : `step "${step}": ${message}`);
