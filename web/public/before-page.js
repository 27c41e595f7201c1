// Runs before the first paint, so that a chosen theme does not flash, and before any module.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem('gastown.theme');
  } catch {
    // Storage can be switched off; then the system's theme is used.
  }
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
})();

// zod reads this when its first schema is made: it then makes no code at run time, which the content security policy forbids.
globalThis['__zod_globalConfig'] = { jitless: true };
