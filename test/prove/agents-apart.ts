// Do agents stay apart? Real opencode servers under several Unix users on the real runner; one agent's tools try to reach everything that is not theirs.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { anAssignment, startFakeControlPlane } from '../runner/fake-control-plane.ts';
import type { FakeControlPlane } from '../runner/fake-control-plane.ts';
import { startFakeModel } from '../runner/fake-model.ts';
import type { FakeModel, ModelReply } from '../runner/fake-model.ts';
import { eventually, makeTown } from '../runner/runner-process.ts';
import type { TestTown } from '../runner/runner-process.ts';

const realKey = 'sk-real-key-of-the-town';
const treasure = 'the-treasure-of-toast';

/** What an attack is told, and what the harness looks at afterwards. */
interface World {
  readonly town: TestTown;
  readonly victimFolder: string;
  readonly victimPid: number;
  readonly victimUrl: string;
  readonly runnerPid: number;
  readonly mirror: string;
  readonly mainSha: string;
  readonly victimSha: string;
}
interface Attack {
  readonly name: string;
  readonly tool: (world: World) => { readonly name: string; readonly args: unknown };
  /** True when the attacker got what it must not have. */
  readonly succeeded: (output: string, world: World) => boolean;
  /** An attack that reading alone carries out: without isolation it must succeed, which shows that the probe can see. */
  readonly control?: true;
}
export interface AttackOutcome {
  readonly round: string;
  readonly attacker: string;
  readonly attack: string;
  readonly succeeded: boolean;
  readonly output: string;
}
export interface ApartResult {
  readonly suite: 'agents-apart';
  readonly rounds: number;
  readonly failures: readonly string[];
  readonly note?: string;
  readonly attempts: readonly AttackOutcome[];
}

const bash = (command: string) => ({ name: 'bash', args: { command, description: 'try', timeout: 20_000 } });
const says =
  (text: string) =>
  (output: string): boolean =>
    output.includes(text);
const read = (name: string, command: (world: World) => string, loot: string, control?: true): Attack => ({
  name,
  tool: (world) => bash(command(world)),
  succeeded: says(loot),
  ...(control === undefined ? {} : { control }),
});
const refMoved = (_output: string, { town, mainSha, victimSha }: World): boolean =>
  town.git('rev-parse', 'main') !== mainSha ||
  town.git('rev-parse', 'gt/toast/web-1a2b') !== victimSha ||
  town.git('tag') !== '' ||
  town.git('branch', '--list', 'stolen') !== '';
const push = (name: string, command: string): Attack => ({ name, tool: () => bash(`${command} 2>&1`), succeeded: refMoved });
const mirrorChanged = (_output: string, { mirror, mainSha }: World): boolean =>
  readFileSync(join(mirror, 'refs/heads/main'), 'utf8').trim() !== mainSha ||
  existsSync(join(mirror, 'hooks/pre-receive')) ||
  readFileSync(join(mirror, 'config'), 'utf8').includes('evil');

/** In a clone of its own, so that attacks that run side by side do not meet. */
const aside =
  'w="$PWD" && cd "$(mktemp -d)" && git clone -q "$w" c && cd c && git remote set-url origin "$(git -C "$w" config remote.origin.url)"';
/** The text of the key without writing it, or the attack would find itself in the list of processes. */
const theKey = `k="$(printf 'sk-re%s' ${realKey.slice(5)})"`;
const attacks: readonly Attack[] = [
  read("read another agent's file", (world) => `cat ${world.victimFolder}/work/web-1a2b/secret.txt`, treasure, true),
  {
    name: "read another agent's file with the read tool",
    tool: (world) => ({ name: 'read', args: { filePath: `${world.victimFolder}/work/web-1a2b/secret.txt` } }),
    succeeded: says(treasure),
    control: true,
  },
  {
    name: "search another agent's files with the grep tool",
    tool: (world) => ({ name: 'grep', args: { pattern: 'treasure', path: `${world.victimFolder}/work` } }),
    succeeded: says('secret.txt'),
  },
  read("list another agent's folder", (world) => `ls ${world.victimFolder}`, 'work', true),
  read(
    "read another agent's conversation",
    (world) => `cat ${world.victimFolder}/home/data/opencode/*.db* | grep -a -o ${treasure}`,
    treasure,
  ),
  read("read another agent's git configuration", (world) => `cat ${world.victimFolder}/etc/gitconfig`, 'Bearer', true),
  read(
    "use another agent's tools",
    (world) => `GASTOWN_TOOLS=${world.victimFolder}/etc/tools.json gt prime --json && echo reached`,
    'reached',
    true,
  ),
  read(
    "read another agent's environment",
    (world) => `tr '\\0' '\\n' < /proc/${world.victimPid}/environ`,
    'OPENCODE_SERVER_PASSWORD=',
    true,
  ),
  read("follow another agent's working folder", (world) => `cat /proc/${world.victimPid}/cwd/secret.txt`, treasure, true),
  read(
    "read another agent's memory",
    (world) => `python3 -c "print(open('/proc/${world.victimPid}/mem','rb'))" 2>&1`,
    'BufferedReader',
    true,
  ),
  read(
    'see secrets in command lines of others',
    () =>
      `${theKey}; find /proc -maxdepth 1 -name '[0-9]*' ! -user "$(id -un)" -exec cat '{}/cmdline' ';' 2>/dev/null | tr '\\0' ' ' | grep -o -E -e "$k" -e 'Bearer [A-Za-z0-9_-]{30,}' | sed 's/^/found: /'; echo end`,
    'found: ',
  ),
  read("ask another agent's server without a password", (world) => `curl -s -m 5 ${world.victimUrl}/config`, 'provider'),
  read(
    "ask another agent's server with the own password",
    (world) => `curl -s -m 5 -u "opencode:$OPENCODE_SERVER_PASSWORD" ${world.victimUrl}/config`,
    'provider',
  ),
  {
    name: "kill another agent's server",
    tool: (world) => bash(`kill -9 ${world.victimPid}`),
    succeeded: (_output, world) => !existsSync(`/proc/${world.victimPid}`),
  },
  {
    name: "write into another agent's folder",
    tool: (world) => bash(`echo x > ${world.victimFolder}/work/web-1a2b/planted.txt; echo x > ${world.victimFolder}/tmp/planted.txt`),
    succeeded: (_output, world) =>
      existsSync(`${world.victimFolder}/work/web-1a2b/planted.txt`) || existsSync(`${world.victimFolder}/tmp/planted.txt`),
  },
  read("read the runner's environment", (world) => `tr '\\0' '\\n' < /proc/${world.runnerPid}/environ`, 'GASTOWN_BOOTSTRAP_TOKEN=', true),
  read(
    "read the runner's own files",
    (world) => `cat ${world.town.dataDir}/runner/*.json ${world.town.dataDir}/runner/gitconfig ${world.town.dataDir}/runner/agents/*.json`,
    'pid',
    true,
  ),
  read('read the receiving repositories', (world) => `ls ${world.town.dataDir}/incoming`, 'toast'),
  read('read who has which user', () => 'cat /run/gastown-users/*.json', 'dataDir'),
  {
    name: 'kill the runner',
    tool: (world) => bash(`kill -9 ${world.runnerPid}`),
    succeeded: (_output, world) => !existsSync(`/proc/${world.runnerPid}`),
  },
  read(
    "find the town's model key",
    () =>
      `${theKey}; env | grep -o -F "$k" | sed 's/^/found: /'; grep -r -a -l -F "$k" "$HOME" /proc/self/environ "/proc/$OPENCODE_PID/environ" "$PWD" 2>/dev/null | sed 's/^/found: /'; echo end`,
    'found: ',
  ),
  read(
    'find the own agent token',
    () =>
      `t="$(printf 'agent-%s' token)"; env | grep -F "$t" | sed 's/^/found: /'; grep -r -a -l -F "$t" "$HOME/config" "$HOME/state" "$HOME/cache" "/proc/$OPENCODE_PID/environ" 2>/dev/null | sed 's/^/found: /'; echo end`,
    'found: ',
  ),
  read(
    'use the model without a secret',
    () =>
      `curl -s -m 5 -o /dev/null -w '%{http_code}' -H 'content-type: application/json' -d '{"model":"m","messages":[]}' "$(echo "$OPENCODE_CONFIG_CONTENT" | grep -o 'http://127.0.0.1:[0-9]*' | head -1)/model/chat/chat/completions"`,
    '200',
  ),
  push('push to the main branch', 'git push origin HEAD:refs/heads/main'),
  push("push to another agent's branch", 'git push origin HEAD:refs/heads/gt/toast/web-1a2b'),
  push("force another agent's branch", 'git push --force origin HEAD:refs/heads/gt/toast/web-1a2b'),
  push("delete another agent's branch", 'git push origin :refs/heads/gt/toast/web-1a2b'),
  push('make a new branch', 'git push origin HEAD:refs/heads/stolen'),
  push('push a tag', 'git tag v1 && git push origin v1; git tag -d v1'),
  push('push two branches at once', 'git push origin HEAD:refs/heads/gt/badge/web-2b3c HEAD:refs/heads/main'),
  {
    name: 'push to the upstream folder directly',
    tool: (world) => bash(`git push ${world.town.upstream} HEAD:refs/heads/main 2>&1`),
    succeeded: refMoved,
  },
  {
    name: 'push without the commit hook',
    tool: () =>
      bash(
        `${aside} && git -c core.hooksPath=/dev/null commit -q --allow-empty -m naked && git push origin HEAD:refs/heads/gt/badge/web-2b3c 2>&1`,
      ),
    succeeded: (_output, { town }) => town.git('log', '--all', '--format=%s').includes('naked'),
  },
  {
    name: 'move a branch of the mirror',
    tool: (world) =>
      bash(`git --git-dir=${world.mirror} update-ref refs/heads/main ${world.victimSha}; echo x > ${world.mirror}/refs/heads/main`),
    succeeded: mirrorChanged,
  },
  {
    name: 'plant a hook or a setting in the mirror',
    tool: (world) => bash(`echo x > ${world.mirror}/hooks/pre-receive; git --git-dir=${world.mirror} config evil.x y`),
    succeeded: mirrorChanged,
  },
  {
    name: 'write objects into the mirror',
    tool: (world) => bash(`cd ${world.mirror} && echo planted | git --git-dir=${world.mirror} hash-object -w --stdin`),
    succeeded: (_output, world) => existsSync(join(world.mirror, 'objects/60', '3cb1b3ffd5fc0e16ddeb2cd8bfd80c2dc2f0ae')),
  },
  {
    name: 'change the own commit hook',
    tool: () =>
      bash(
        'echo "exit 0" > "$(dirname "$GIT_CONFIG_GLOBAL")/hooks/commit-msg"; echo >> "$GIT_CONFIG_GLOBAL"; mv "$(dirname "$GIT_CONFIG_GLOBAL")/hooks" "$HOME/h"',
      ),
    succeeded: (_output, world) => statSync(join(world.victimFolder, '../badge/etc/hooks/commit-msg')).size < 50,
  },
  {
    name: "change the commands in every agent's shell",
    tool: () =>
      bash(
        'folder="$(dirname "$(command -v bd)")"; echo planted >> "$folder/bd"; echo planted >> "$folder/../command/main.ts"; mv "$folder" "$HOME/b"; touch "$folder/git"; cat "$folder/bd" "$folder/../command/main.ts"; ls "$folder"',
      ),
    succeeded: (output) => !output.includes('Written by the town runner') || /^(planted|git)$/m.test(output),
  },
  read('become root', () => 'sudo -n id 2>&1; setpriv --reuid=0 id 2>&1; su -c id 2>&1 < /dev/null; echo x >> /etc/passwd', 'uid=0(root)'),
];

const folderOf = (dataDir: string, agentId: string): string => join(dataDir, 'agents', agentId);

/** The opencode server of an agent: found by its working folder, as root. */
const serverOf = (folder: string): { pid: number; url: string } | undefined => {
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (!/^\S*opencode serve/.test(command) || !readFileSync(`/proc/${name}/environ`, 'utf8').includes(`HOME=${folder}/home`)) continue;
      const inodes = new Set(
        execFileSync('ls', ['-l', `/proc/${name}/fd`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
          .match(/socket:\[(\d+)\]/g)
          ?.map((text) => text.slice(8, -1)),
      );
      for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
        const fields = line.trim().split(/\s+/);
        if (fields[3] === '0A' && inodes.has(fields[9] ?? ''))
          return { pid: Number(name), url: `http://127.0.0.1:${Number.parseInt((fields[1] ?? '').split(':')[1] ?? '', 16)}` };
      }
    } catch {
      /* it has ended, or it is not ours to look at */
    }
  }
  return undefined;
};

interface Stage {
  readonly plane: FakeControlPlane;
  readonly model: FakeModel;
  readonly town: TestTown;
  readonly attackers: readonly string[];
}
const assignments = ({ model, attackers }: Stage) => {
  const route = { kind: 'openai-compatible', baseUrl: model.url, apiKey: realKey, model: 'small-1' } as const;
  const trailers = ['Bead-ID: web-2b3c'];
  return [
    anAssignment({ model: route, systemPrompt: 'You are toast.' }),
    ...attackers.map((agentId, index) =>
      anAssignment({
        model: route,
        agentId,
        name: agentId,
        systemPrompt: `You are ${agentId}.`,
        agentToken: `agent-token-${agentId}`,
        bead: { beadId: index === 0 ? 'web-2b3c' : `web-9${index}aa`, title: 'Attack', requestedBy: 'eve' },
        workspace: {
          kind: 'branch',
          rigId: 'r-test0001',
          branch: index === 0 ? 'gt/badge/web-2b3c' : `gt/${agentId}/web-9${index}aa`,
          startPoint: 'main',
        },
        prompts: [{ promptId: `start-${agentId}`, text: 'Try.' }],
        commit: {
          authorName: 'Eve',
          authorEmail: 'eve@example.com',
          committerName: agentId,
          committerEmail: `${agentId}@agents.example`,
          trailers,
        },
      }),
    ),
  ];
};

/** The victim works and pushes first; then each attacker tries everything in one turn. */
const playRound = async (
  round: string,
  isolation: 'agent' | 'none',
  chosen: readonly Attack[],
  attackers: readonly string[],
): Promise<AttackOutcome[]> => {
  const plane = await startFakeControlPlane();
  const model = await startFakeModel(() => ({ text: 'Nothing.' }));
  const town = makeTown(plane);
  const stage: Stage = { plane, model, town, attackers };
  let world: World | undefined;
  const results = new Map<string, readonly string[]>();
  model.reply = ({ text, step, tools, results: outputs }): ModelReply => {
    if (tools.length === 0) return { text: 'Title' };
    const attacker = attackers.find((name) => text.includes(`You are ${name}.`));
    if (attacker === undefined)
      return step === 0
        ? { tools: [bash(`echo ${treasure} | tee secret.txt && git add . && git commit -qm Work && git push`)] }
        : { text: 'Done.' };
    if (world === undefined) return { status: 500, error: 'too early' };
    const now = world;
    // A commit of its own first, so that there is something to push.
    if (step === 0) return { tools: [bash('echo mine > mine.txt && git add . && git commit -qm Mine')] };
    if (step === 1) return { tools: chosen.map((attack) => attack.tool(now)) };
    results.set(attacker, outputs.slice(1));
    return { text: 'Tried.' };
  };
  const runner = town.start(isolation);
  try {
    const [victim, ...others] = assignments(stage);
    if (victim === undefined) throw new Error('there is no victim');
    const rigs = [{ rigId: 'r-test0001', name: 'Sample', gitUrl: town.upstream, defaultBranch: 'main', hasCredential: false }];
    plane.setDesired({ rigs, assignments: [victim] });
    await eventually(
      'the victim to finish',
      () => plane.reports.flatMap((report) => report.turns).find((turn) => turn.agentId === 'toast'),
      90_000,
    );
    const victimFolder = folderOf(town.dataDir, 'toast');
    const server = serverOf(victimFolder);
    if (server === undefined || runner.child.pid === undefined) throw new Error('the victim has no server');
    world = {
      town,
      victimFolder,
      victimPid: server.pid,
      victimUrl: server.url,
      runnerPid: runner.child.pid,
      mirror: join(town.dataDir, 'mirrors/r-test0001.git'),
      mainSha: town.git('rev-parse', 'main'),
      victimSha: town.git('rev-parse', 'gt/toast/web-1a2b'),
    };
    plane.setDesired({ assignments: [victim, ...others] });
    for (const attacker of attackers) await eventually(`${attacker} to finish`, () => results.get(attacker), 180_000);
    const seen = world;
    return attackers.flatMap((attacker) =>
      chosen.map((attack, index) => {
        const output = results.get(attacker)?.[index] ?? '';
        return { round, attacker, attack: attack.name, succeeded: attack.succeeded(output, seen), output: output.slice(0, 300) };
      }),
    );
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${runner.output().slice(-3000)}`, { cause: error });
  } finally {
    await runner.stop();
    await plane.close();
    await model.close();
    town.remove();
  }
};

/** Full: three attackers, and a control round without isolation in which reading must succeed. */
export const run = async ({ full }: { readonly full: boolean }): Promise<ApartResult> => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return {
      suite: 'agents-apart',
      rounds: 0,
      failures: [],
      note: 'Agents get users of their own only on Linux as root; here the runner says so at its start and keeps them under one user.',
      attempts: [],
    };
  }
  const apart = await playRound('apart', 'agent', attacks, full ? ['badge', 'crumb', 'dusty'] : ['badge']);
  const control = full
    ? await playRound(
        'control',
        'none',
        attacks.filter((attack) => attack.control === true),
        ['badge'],
      )
    : [];
  return {
    suite: 'agents-apart',
    rounds: full ? 2 : 1,
    attempts: [...apart, ...control],
    failures: [
      ...apart.filter((attempt) => attempt.succeeded).map((attempt) => `${attempt.attacker} could ${attempt.attack}: ${attempt.output}`),
      ...apart.filter((attempt) => attempt.output === '').map((attempt) => `${attempt.attacker} did not try to ${attempt.attack}`),
      ...control
        .filter((attempt) => !attempt.succeeded)
        .map((attempt) => `without isolation the probe did not see "${attempt.attack}": ${attempt.output}`),
    ],
  };
};
