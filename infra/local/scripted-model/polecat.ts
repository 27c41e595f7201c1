// The scripted polecat: prime, look, write, gates, push, done. It knows where it is from the conversation alone.
import { z } from 'zod';
import { answered, jsonIn, worthRepeating } from './conversation.ts';
import type { Conversation, Step } from './conversation.ts';
import { call, say } from './decision.ts';
import type { Decision, OnceMemory, ToolCall } from './decision.ts';
import { stepDecision } from './molecule.ts';
import { fileBlocksIn, scenariosIn, shellWord, slugOf } from './scenario.ts';
import type { FileBlock, Scenario } from './scenario.ts';

const hookSchema = z.looseObject({
  id: z.string(),
  title: z.string(),
  kind: z.string(),
  body: z.string().default(''),
  branch: z.string(),
  target_branch: z.string().default('main'),
  findings: z.string().default(''),
  molecule: z.looseObject({}).optional(),
});
const primedSchema = z.looseObject({ hook: hookSchema.nullish() });
type Hook = z.infer<typeof hookSchema>;

/** A fault that the red-gate scenario plants and its rework takes out again. */
const faultMark = 'scripted fault';
const maxDoneCalls = 4;

interface Scene {
  readonly talk: Conversation;
  readonly hook: Hook;
  readonly scenarios: ReadonlySet<Scenario>;
  readonly memory: OnceMemory;
}

/** Shell commands carry the name of their step in the first line, so that a later call can tell what was done. */
const shell = (step: string, command: string): ToolCall => ({
  tool: 'bash',
  input: { command: `# step: ${step}\n${command}`, description: step },
});
const isStep = (each: Step, step: string): boolean =>
  each.tool === 'bash' && typeof each.input['command'] === 'string' && each.input['command'].startsWith(`# step: ${step}\n`);
const ran = (steps: readonly Step[], step: string): Step | undefined =>
  steps.findLast((each) => isStep(each, step) && each.result !== undefined);
const called = (steps: readonly Step[], tool: string): readonly Step[] =>
  steps.filter((each) => each.tool === tool && each.result !== undefined);

const cwdOf = (look: Step): string => /^cwd: (.+)$/m.exec(look.result ?? '')?.[1] ?? '.';
const pushedIn = (push: Step | undefined): string | undefined => /^pushed: ([0-9a-f]{40})$/m.exec(push?.result ?? '')?.[1];

/** Gates as the system prompt lists them: `- tests: \`node --test\` (at most 60 s)`. */
const gatesIn = (system: string): string[] => [...system.matchAll(/^- .+?: `(.+)` \(at most \d+ s\)$/gm)].map((match) => match[1] ?? '');

/** A bead without file blocks still gets a real change: a small module with a test, or a note where there is no JavaScript. */
const ownBlocks = (hook: Hook, look: Step): FileBlock[] => {
  const slug = slugOf(hook.title);
  const seen = look.result ?? '';
  if (!/^package.json$/m.test(seen)) return [{ how: 'file', path: `docs/${slug}.md`, text: `# ${hook.title}\n\nDone for ${hook.id}.\n` }];
  const extension = /^modules: yes$/m.test(seen) ? '.js' : '.mjs';
  const name = slug.replaceAll(/-+([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase()).replace(/^\d/, (digit) => `n${digit}`);
  return [
    {
      how: 'file',
      path: `src/${slug}${extension}`,
      text: `/** ${hook.title.replaceAll('*/', '')}. */\nexport const ${name} = (value) => value;\n`,
    },
    {
      how: 'file',
      path: `test/${slug}.test${extension}`,
      text: `import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { ${name} } from '../src/${slug}${extension}';\n\ntest(${JSON.stringify(hook.title)}, () => {\n  assert.equal(${name}(3), 3);\n});\n`,
    },
  ];
};

const isCode = (path: string): boolean => /\.[cm]?[jt]s$/.test(path) && !/(^|\/)test\/|\.test\./.test(path);
/** The first code file gets a line that fails when it is loaded; taking out the line repairs it, whatever the file is. */
const withFault = (blocks: readonly FileBlock[]): FileBlock[] => {
  const victim = blocks.findIndex((block) => block.how === 'file' && isCode(block.path));
  return blocks.map((block, index) =>
    index === victim ? { ...block, text: `${block.text.trimEnd()}\nthrow new Error('not finished'); // ${faultMark}\n` } : block,
  );
};
const repairFault = `for f in $(git grep -lF ${shellWord(faultMark)}); do grep -vF ${shellWord(faultMark)} "$f" > "$f.fixed"; cat "$f.fixed" > "$f"; rm "$f.fixed"; echo "repaired: $f"; done`;

const heredoc = (block: FileBlock, redirect: '>' | '>>'): string =>
  `mkdir -p "$(dirname ${shellWord(block.path)})"\n${block.how === 'append' ? `grep -qF ${shellWord(block.text.trim().split('\n')[0] ?? '')} ${shellWord(block.path)} 2>/dev/null || ` : ''}cat ${redirect} ${shellWord(block.path)} <<'END_OF_FILE'\n${block.text.trimEnd()}\nEND_OF_FILE`;

/** New files through the client's own write tool, everything that touches an existing one through the shell. */
const writeCalls = (blocks: readonly FileBlock[], look: Step): ToolCall[] => {
  const exists = (path: string): boolean => new RegExp(`^${path.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`, 'm').test(look.result ?? '');
  const fresh = blocks.filter((block) => block.how === 'file' && !exists(block.path));
  const others = blocks.filter((block) => !fresh.includes(block));
  const calls: ToolCall[] = fresh.map((block) => ({
    tool: 'write',
    input: { filePath: `${cwdOf(look)}/${block.path}`, content: block.text },
  }));
  return others.length === 0
    ? calls
    : [...calls, shell('write', others.map((block) => heredoc(block, block.how === 'append' ? '>>' : '>')).join('\n'))];
};

const lookCommand =
  'echo "cwd: $(pwd)"; git log --oneline -3; git status --short; grep -q \'"type": *"module"\' package.json 2>/dev/null && echo "modules: yes"; git ls-files | head -200';
const mergeCommand = (target: string): string =>
  `git fetch -q origin; if git merge --no-edit ${shellWord(`origin/${target}`)}; then echo merged; else for f in $(git diff --name-only --diff-filter=U); do sed -e '/^<<<<<<< /d' -e '/^||||||| /d' -e '/^=======$/d' -e '/^>>>>>>> /d' "$f" > "$f.union" && cat "$f.union" > "$f" && rm "$f.union"; git add "$f"; echo "both sides kept: $f"; done; git commit -q --no-edit && echo merged; fi`;
const pushCommand = (hook: Hook): string =>
  `git add --all; git diff --cached --quiet || git commit -q -m ${shellWord(hook.title)}; git push origin ${shellWord(`HEAD:${hook.branch}`)} 2>&1; echo "push exit: $?"; echo "pushed: $(git rev-parse HEAD)"`;

const lookAndWrite = (scene: Scene): Decision | undefined => {
  const { talk, hook, scenarios } = scene;
  const look = ran(talk.steps, 'look');
  if (look === undefined) return call('# Looking at the code', shell('look', lookCommand));
  if (hook.kind === 'conflict') {
    return ran(talk.steps, 'merge') === undefined
      ? call('# Resolving the conflict\nBoth sides are meant, so both stay.', shell('merge', mergeCommand(hook.target_branch)))
      : undefined;
  }
  const repair = hook.kind !== 'work';
  if (repair && ran(talk.steps, 'repair') === undefined)
    return call('# Fixing what came back', shell('repair', `${repairFault}; git status --short`));
  if (called(talk.steps, 'write').length > 0 || ran(talk.steps, 'write') !== undefined) return undefined;
  const found = repair ? fileBlocksIn(hook.findings) : [];
  if (repair && found.length === 0 && /repaired: /.test(ran(talk.steps, 'repair')?.result ?? '')) return undefined;
  const asked = found.length > 0 ? found : fileBlocksIn(hook.body);
  const blocks =
    asked.length > 0
      ? asked
      : repair
        ? [{ how: 'append', path: 'NOTES.md', text: `- ${hook.id}: ${hook.title}\n` } as const]
        : ownBlocks(hook, look);
  return call(
    repair
      ? '# Fixing what came back'
      : `# Writing ${blocks
          .map((block) => block.path)
          .slice(0, 2)
          .join(' and ')}`,
    ...writeCalls(scenarios.has('red-gate') && !repair ? withFault(blocks) : blocks, look),
  );
};

const gates = (scene: Scene): Decision | undefined => {
  const { talk, hook, scenarios } = scene;
  const commands = gatesIn(talk.system);
  if (commands.length === 0 || ran(talk.steps, 'gates') !== undefined || (scenarios.has('red-gate') && hook.kind === 'work'))
    return undefined;
  return call(
    '# Running the gates',
    shell('gates', commands.map((command) => `( ${command} ) 2>&1 | tail -40; echo "gate exit: \${PIPESTATUS[0]}"`).join('\n')),
  );
};

const handIn = (scene: Scene): Decision => {
  const { talk, hook, scenarios } = scene;
  const tries = called(talk.steps, 'gt_done');
  const push = ran(talk.steps, 'push');
  const lastTry = tries.at(-1);
  if (lastTry !== undefined && /Accepted|handed in before|Nothing is on your hook/.test(lastTry.result ?? ''))
    return say(`# Done\n${hook.title} is pushed and handed in.`);
  if (tries.length >= maxDoneCalls) {
    return called(talk.steps, 'gt_escalate').length > 0
      ? say(`# Stuck\nI could not hand in ${hook.id}; people have been told.`)
      : call('# Asking for help', {
          tool: 'gt_escalate',
          input: {
            severity: 'medium',
            category: 'blocked',
            title: `Cannot hand in ${hook.id}`,
            message: lastTry?.result ?? 'gt_done is refused.',
          },
        });
  }
  const hasty = scenarios.has('done-without-push') && hook.kind === 'work' && push === undefined && tries.length === 0;
  const indexOf = (step: Step | undefined): number => (step === undefined ? -1 : talk.steps.indexOf(step));
  const pushIsNewer = indexOf(push) > indexOf(lastTry);
  if (!hasty && (!pushIsNewer || pushedIn(push) === undefined)) {
    const pushes = talk.steps.filter((each) => isStep(each, 'push')).length;
    if (pushes <= maxDoneCalls) return call('# Pushing', shell('push', pushCommand(hook)));
  }
  const commit = hasty ? undefined : pushedIn(push);
  const red = /gate exit: [1-9]/.test(ran(talk.steps, 'gates')?.result ?? '');
  const summary = `${hook.title}.${red ? ' A gate was red here; please look.' : ''} ${hook.kind === 'conflict' ? 'Both sides are kept.' : 'Code and test are in place.'}`;
  return call('# Handing it in', { tool: 'gt_done', input: { branch: hook.branch, ...(commit === undefined ? {} : { commit }), summary } });
};

const askOnce = (scene: Scene): Decision | undefined => {
  const { talk, hook, scenarios } = scene;
  if (!scenarios.has('question') || hook.kind !== 'work' || called(talk.allSteps, 'gt_mail_send').length > 0) return undefined;
  return call('# Asking the Mayor', {
    tool: 'gt_mail_send',
    input: {
      to: 'role:mayor',
      subject: `Question about ${hook.id}`,
      body: `Should "${hook.title}" also handle missing input? I go on without it unless you say otherwise.`,
    },
  });
};

export const polecatDecision = (talk: Conversation, memory: OnceMemory): Decision => {
  const primed = answered(talk.steps, 'gt_prime');
  if (primed === undefined)
    return worthRepeating(talk.steps, 'gt_prime')
      ? call('# Reading the bead', { tool: 'gt_prime', input: {} })
      : say('# The town does not answer\nI cannot read my bead.');
  const parsed = primedSchema.safeParse(jsonIn(primed.result));
  const hook = parsed.success ? parsed.data.hook : undefined;
  if (hook === undefined || hook === null)
    return say(
      /replaced/.test(primed.result ?? '')
        ? 'I have been replaced; I stop.'
        : 'Nothing is on my hook. People with other requests: please ask the Mayor.',
    );
  const scene: Scene = { talk, hook, scenarios: scenariosIn(hook.body), memory };
  const paced = (decision: Decision): Decision =>
    decision.kind !== 'break' && scene.scenarios.has('slow') ? { ...decision, extraDelayMs: 2000 } : decision;
  const hasSteps = hook.molecule !== undefined;
  if (hook.kind === 'no-code') {
    const step = stepDecision(talk, hasSteps);
    if (step !== undefined) return step;
    const handedIn = called(talk.steps, 'gt_done').length > 0;
    return handedIn
      ? say('# Done\nNo code was needed.')
      : call('# Handing it in', {
          tool: 'gt_done',
          input: { branch: hook.branch, summary: `${hook.title}: looked at it, no code needed.` },
        });
  }
  const next = askOnce(scene) ?? lookAndWrite(scene);
  if (next !== undefined) return paced(next);
  if (scene.scenarios.has('crash') && hook.kind === 'work' && memory.first(`crash#${hook.id}`)) return { kind: 'break' };
  return paced(gates(scene) ?? stepDecision(talk, hasSteps) ?? handIn(scene));
};
