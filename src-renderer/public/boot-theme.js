// Before the first paint, so that a window in the other theme than the system's does not flash. It is no module, since
// those run only when the page has been read; `services/theme.svelte.ts` writes what is read here.
(() => {
  try {
    const theme = localStorage.getItem('natscope.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // A browser that keeps nothing for this page follows the system.
  }
})();
