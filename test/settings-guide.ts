// Writes docs/settings.md from the table of settings.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { settingsGuide } from './settings/guide.ts';

writeFileSync(fileURLToPath(new URL('../docs/settings.md', import.meta.url)), settingsGuide());
