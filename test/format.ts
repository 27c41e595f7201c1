// `npm run format`: writes the one format of the house.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const result = spawnSync('oxfmt', ['.'], { cwd: join(import.meta.dirname, '..'), stdio: 'inherit' });
process.exit(result.status ?? 1);
