// Placeholders in texts of formulas: {{name}} and {{.name}} for variables, {{if .name}} … {{else}} … {{end}} around parts, {name} for what
// an expansion, an aspect or a loop says about itself. One walk over the text: a value that looks like a placeholder stays as it is. Pure.

export interface Scope {
  readonly variables: ReadonlyMap<string, string>;
  /** `target.title`, `step.id`, the variable of a loop. */
  readonly locals: ReadonlyMap<string, string>;
}
export interface Filled {
  readonly text: string;
  /** Names without a value, and parts that are no placeholder of ours. */
  readonly unresolved: readonly string[];
}

const placeholder = /\{\{\s*([^{}]*?)\s*\}\}|\{([A-Za-z_][\w.-]*)\}/g;
const falsy: readonly string[] = ['', 'false', '0', 'no', 'off'];
/** What counts as yes in a condition. */
export const isTruthy = (value: string): boolean => !falsy.includes(value.toLowerCase());
const nameOf = (word: string): string => word.replace(/^\./, '');
export const valueIn = (scope: Scope, name: string): string | undefined => scope.locals.get(name) ?? scope.variables.get(name);

/** One open `{{if}}`: whether its current branch is written, and whether an earlier branch was. */
interface Branch {
  shown: boolean;
  taken: boolean;
}

class Writer {
  readonly parts: string[] = [];
  readonly unresolved: string[] = [];
  private readonly branches: Branch[] = [];
  private readonly scope: Scope;
  constructor(scope: Scope) {
    this.scope = scope;
  }
  private get shown(): boolean {
    return this.branches.every((branch) => branch.shown);
  }
  write(text: string): void {
    if (this.shown) this.parts.push(text);
  }
  private holds(word: string): boolean {
    return isTruthy(valueIn(this.scope, nameOf(word)) ?? '');
  }
  private elseBranch(condition: string | undefined): void {
    const branch = this.branches.at(-1);
    if (branch === undefined) return void this.unresolved.push('{{else}} without {{if}}');
    branch.shown = !branch.taken && (condition === undefined || this.holds(condition));
    branch.taken ||= branch.shown;
  }
  tag(inner: string): void {
    const condition = /^if\s+(\.?[\w.-]+)$/.exec(inner)?.[1];
    if (condition !== undefined) {
      const holds = this.holds(condition);
      this.branches.push({ shown: holds, taken: holds });
    } else if (inner === 'else') this.elseBranch(undefined);
    else if (/^else\s+if\s/.test(inner)) this.elseBranch(inner.replace(/^else\s+if\s+/, ''));
    else if (inner === 'end') {
      if (this.branches.pop() === undefined) this.unresolved.push('{{end}} without {{if}}');
    } else if (this.shown) this.value(inner);
  }
  private value(inner: string): void {
    const value = /^\.?[A-Za-z_][\w.-]*$/.test(inner) ? valueIn(this.scope, nameOf(inner)) : undefined;
    if (value === undefined) this.unresolved.push(nameOf(inner));
    else this.parts.push(value);
  }
  end(): Filled {
    if (this.branches.length > 0) this.unresolved.push('{{if}} without {{end}}');
    return { text: this.parts.join(''), unresolved: this.unresolved };
  }
  local(name: string, whole: string): void {
    this.write(this.scope.locals.get(name) ?? whole);
  }
}

/** The text with its placeholders replaced. */
export const fill = (text: string, scope: Scope): Filled => {
  const writer = new Writer(scope);
  let from = 0;
  for (const match of text.matchAll(placeholder)) {
    writer.write(text.slice(from, match.index));
    if (match[1] === undefined) writer.local(match[2] ?? '', match[0]);
    else writer.tag(match[1]);
    from = match.index + match[0].length;
  }
  writer.write(text.slice(from));
  return writer.end();
};
