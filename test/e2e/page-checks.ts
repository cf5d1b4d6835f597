import { expect, type Page } from '@playwright/test';
import axe from 'axe-core';

interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

declare global {
  interface Window {
    readonly axe: { run(): Promise<{ readonly violations: readonly AxeViolation[] }> };
  }
}

/** @throws when axe-core finds a violation on the page as it is, contrast included */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations } = await window.axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  });
  expect(found).toEqual([]);
}

/**
 * @throws when the page is larger than its window, or text is cut off by its box with no way to the rest: no scrolling, no
 * ellipsis and no title
 */
export async function expectNothingCut(page: Page): Promise<void> {
  const cut = await page.evaluate(() => {
    const found: string[] = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} wide in ${root.clientWidth}`);
    if (root.scrollHeight > root.clientHeight)
      found.push(`the page is ${root.scrollHeight} high in ${root.clientHeight}`);
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      const hasText = [...element.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '',
      );
      if (!hasText || element.offsetParent === null) continue;
      const style = getComputedStyle(element);
      // What only screen readers are to find is cut off on purpose.
      if (style.clipPath !== 'none') continue;
      const { left, right } = element.getBoundingClientRect();
      if (style.position === 'absolute' && (left < -1 || right > root.clientWidth + 1)) {
        found.push(`the window cuts “${element.textContent.slice(0, 60)}”`);
      }
      if (style.overflowX === 'visible') continue;
      if (['auto', 'scroll'].includes(style.overflowX) || style.textOverflow === 'ellipsis') continue;
      if (element.scrollWidth > element.clientWidth + 1) {
        found.push(`${element.tagName.toLowerCase()} cuts “${element.textContent.slice(0, 60)}”`);
      }
    }
    return found;
  });
  expect(cut).toEqual([]);
}

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
];
const THEMES = ['dark', 'light'] as const;

export interface Look {
  readonly theme: (typeof THEMES)[number];
  readonly width: number;
  readonly height: number;
}

/**
 * The state of the page in both sizes and both themes; leaves it at the larger size and in the system's theme.
 *
 * @param onLook called in each of them
 */
export async function expectWellMade(
  page: Page,
  onLook: (look: Look) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    for (const size of SIZES.toReversed()) {
      await page.setViewportSize(size);
      await onLook({ theme, ...size });
      await expectNothingCut(page);
    }
    await expectAccessible(page);
  }
}
