// The package ships no types.
declare module 'asl-validator' {
  interface Result {
    readonly isValid: boolean;
    readonly errorsText: (separator?: string) => string;
  }
  /** Writes default query languages into `definition`. */
  const validate: (definition: unknown, options?: { readonly checkArn?: boolean; readonly checkPaths?: boolean }) => Result;
  export = validate;
}
