// Before the first paint, so that a window in the other theme than the system's does not flash. It is no module, since
// those run only when the page has been read; `services/theme.svelte.ts` writes what is read here, into a cookie in a
// browser and into the storage of a desktop.
(() => {
  try {
    const [, cookie] = /(?:^|; )natscope\.theme=(\w+)/.exec(document.cookie) ?? [];
    const theme = cookie ?? localStorage.getItem('natscope.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // A browser that keeps nothing for this page follows the system.
  }
})();
