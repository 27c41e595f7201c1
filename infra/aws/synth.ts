// `npm run synth`: writes the templates to cdk.out. Needs no network, no Docker and no AWS account; the runtime image is only staged.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cdk, readArguments, root } from './cdk-command.ts';

const { options, rest } = readArguments(process.argv.slice(2), []);
const code = await cdk(['synth', '--quiet', '-c', `options=${options}`, ...rest]);
if (code === 0) {
  for (const file of readdirSync(join(root, 'cdk.out')).filter((name) => name.endsWith('.template.json'))) {
    process.stdout.write(`cdk.out/${file}  ${Math.ceil(statSync(join(root, 'cdk.out', file)).size / 1024)} KB\n`);
  }
}
process.exitCode = code;
