// Light, dark, or what the system says; kept in this browser.
import { createSignal } from 'solid-js';

export type Theme = 'system' | 'light' | 'dark';
const storageKey = 'gastown.theme';
const current = (): Theme => {
  const chosen = document.documentElement.dataset.theme;
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
};
const [theme, setTheme] = createSignal<Theme>(current());
export { theme };

export const nextTheme = (now: Theme): Theme => (now === 'system' ? 'light' : now === 'light' ? 'dark' : 'system');

export const chooseTheme = (next: Theme): void => {
  setTheme(next);
  if (next === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  try {
    if (next === 'system') localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, next);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
};
