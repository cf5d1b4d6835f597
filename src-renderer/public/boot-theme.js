// Before the first paint, so that a window in the other theme than the system's does not flash. It is no module, since
// those run only when the page has been read; `services/settings-place.ts` writes the cookie of a browser that is read here. A
// desktop has told Chromium the theme before, as if the system had it.
(() => {
  try {
    const [, cookie] = /(?:^|; )natscope\.theme=(\w+)/.exec(document.cookie) ?? [];
    if (cookie === 'light' || cookie === 'dark') document.documentElement.dataset.theme = cookie;
  } catch {
    // A browser that keeps nothing for this page follows the system.
  }
})();
