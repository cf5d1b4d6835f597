import type { Page } from '@playwright/test';

/**
 * Collects what a page reports of itself: errors on its console, which is also where Chromium reports what the content
 * security policy refused, errors that nobody caught, and crashes.
 */
export class PageProblems {
  readonly #problems: string[] = [];

  watch(page: Page): void {
    page.on('console', (message) => {
      if (message.type() === 'error') this.#problems.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => this.#problems.push(`uncaught: ${error.stack ?? error.message}`));
    page.on('crash', () => this.#problems.push('the page crashed'));
  }

  /** @returns what was reported since the last call; a test that provokes an error takes it */
  take(): string[] {
    return this.#problems.splice(0);
  }
}
