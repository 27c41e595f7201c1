// Names that the running system and its infrastructure share about what can be seen.
/** Namespace of the product's metrics; the alarms name it too. */
export const metricsNamespace = 'Gastown';
/** Passes that did something lie under this prefix of Files and are deleted after so many days. */
export const keptPassesPrefix = 'passes';
export const keptPassDays = 7;
