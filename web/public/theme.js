// Runs before the first paint, so that a chosen theme does not flash.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem('gastown.theme');
  } catch {
    // Storage can be switched off; then the system's theme is used.
  }
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
})();
