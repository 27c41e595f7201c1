// Which languages a change is written in, by the names of its files. Pure.

/** By extension or, for files without one, by name. What is not here is no language: pictures, data, locks. */
const extensionsOf: Readonly<Record<string, string>> = {
  TypeScript: 'ts tsx mts cts',
  JavaScript: 'js jsx mjs cjs',
  Python: 'py pyi',
  Ruby: 'rb',
  Go: 'go',
  Rust: 'rs',
  Java: 'java',
  Kotlin: 'kt kts',
  Scala: 'scala',
  C: 'c h',
  'C++': 'cc cpp cxx hpp',
  'C#': 'cs',
  'F#': 'fs',
  Swift: 'swift',
  'Objective-C': 'm mm',
  PHP: 'php',
  Perl: 'pl pm',
  Lua: 'lua',
  R: 'r',
  Julia: 'jl',
  Dart: 'dart',
  Elixir: 'ex exs',
  Erlang: 'erl',
  Haskell: 'hs',
  OCaml: 'ml mli',
  Clojure: 'clj cljs',
  Zig: 'zig',
  Nim: 'nim',
  Solidity: 'sol',
  SQL: 'sql',
  Shell: 'sh bash zsh',
  PowerShell: 'ps1',
  HTML: 'html htm',
  CSS: 'css scss less',
  Vue: 'vue',
  Svelte: 'svelte',
  Terraform: 'tf hcl',
  'Protocol Buffers': 'proto',
  GraphQL: 'graphql gql',
  Markdown: 'md mdx',
  reStructuredText: 'rst',
  TeX: 'tex',
  YAML: 'yml yaml',
  TOML: 'toml',
  JSON: 'json',
  XML: 'xml',
  Dockerfile: 'dockerfile',
  Makefile: 'makefile',
  CMake: 'cmake',
  Gradle: 'gradle',
  Nix: 'nix',
  'Vim script': 'vim',
  Assembly: 'asm s',
};
const known = new Map(
  Object.entries(extensionsOf).flatMap(([language, extensions]) =>
    extensions.split(' ').map((extension) => [extension, language] as const),
  ),
);

/** Files by language. */
export const languagesOf = (paths: readonly string[]): Record<string, number> => {
  const files: Record<string, number> = {};
  for (const path of paths) {
    const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
    const language = known.get(name.slice(name.lastIndexOf('.') + 1));
    if (language !== undefined) files[language] = (files[language] ?? 0) + 1;
  }
  return files;
};
