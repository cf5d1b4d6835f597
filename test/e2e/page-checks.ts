import { expect, test, type Page } from '@playwright/test';
import axe from 'axe-core';
import { hostsToTest } from './hosts';
import { SIZES, THEMES, type Look } from './looks';

interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

declare global {
  interface Window {
    readonly axe?: { run(options: object): Promise<{ readonly violations: readonly AxeViolation[] }> };
  }
}

/** Rules of axe-core that look at colours, and so the only ones that another theme can break. */
const RULES_OF_COLOUR = ['color-contrast', 'link-in-text-block'];

/**
 * @param rules by their names; without them all that axe-core runs by itself
 * @throws when axe-core finds a violation on the page as it is, contrast included
 */
export async function expectAccessible(page: Page, rules: readonly string[] | null = null): Promise<void> {
  // Half a megabyte, which a page keeps until it is loaded again.
  if (!(await page.evaluate(() => window.axe !== undefined))) await page.evaluate(axe.source);
  const found = await page.evaluate(
    async (options) => {
      const { violations = [] } = (await window.axe?.run(options)) ?? {};
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
    },
    { resultTypes: ['violations'], ...(rules === null ? {} : { runOnly: [...rules] }) },
  );
  expect(found).toEqual([]);
}

/**
 * Runs in the page, so it uses nothing from outside.
 *
 * @returns what is cut off with no way to the rest. Scrolling is a way to it; a title is, with or without an ellipsis; an
 * ellipsis alone says that there is more, and not what
 */
function textsCutOff(): string[] {
  /** A line of text may be a little higher than the line: a font has room above and below its letters. */
  const TOLERANCE = { x: 1, y: 4 };
  const found: string[] = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} wide in ${root.clientWidth}`);
  if (root.scrollHeight > root.clientHeight) {
    found.push(`the page is ${root.scrollHeight} high in ${root.clientHeight}`);
  }

  const isCutBy = (text: DOMRect, box: DOMRect, axis: 'x' | 'y'): boolean =>
    axis === 'x'
      ? text.left < box.left - TOLERANCE.x || text.right > box.right + TOLERANCE.x
      : text.top < box.top - TOLERANCE.y || text.bottom > box.bottom + TOLERANCE.y;

  /** The axes on which the text of an element is cut off by itself or by what it lies in. */
  function cutAxes(element: HTMLElement, text: DOMRect): string[] {
    return (['x', 'y'] as const).filter((axis) => {
      for (let box: HTMLElement | null = element; box !== null && box !== document.body; box = box.parentElement) {
        const style = getComputedStyle(box);
        const overflow = axis === 'x' ? style.overflowX : style.overflowY;
        if (['auto', 'scroll'].includes(overflow)) return false;
        if (overflow !== 'visible' && isCutBy(text, box.getBoundingClientRect(), axis)) return true;
        // What is fixed lies in the window, and not in what it is written in.
        if (style.position === 'fixed') return false;
      }
      return false;
    });
  }

  for (const element of document.querySelectorAll<HTMLElement>('body *')) {
    const texts = [...element.childNodes].filter(
      (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '',
    );
    if (texts.length === 0 || element.offsetParent === null || element.closest('option, textarea') !== null) continue;
    // What is folded up has its way in front of it.
    if (!element.checkVisibility()) continue;
    // What only screen readers are to find is cut off on purpose.
    if (element.closest('.sr') !== null || getComputedStyle(element).clipPath !== 'none') continue;
    const { left, right } = element.getBoundingClientRect();
    if (getComputedStyle(element).position === 'absolute' && (left < -1 || right > root.clientWidth + 1)) {
      found.push(`the window cuts “${element.textContent.slice(0, 60)}”`);
    }
    if (element.closest('[title]') !== null) continue;
    for (const text of texts) {
      const range = document.createRange();
      range.selectNodeContents(text);
      const axes = cutAxes(element, range.getBoundingClientRect());
      if (axes.length === 0) continue;
      found.push(
        `${element.tagName.toLowerCase()} cuts “${element.textContent.slice(0, 60)}” on ${axes.join(' and ')}`,
      );
    }
  }
  return found;
}

/** @returns how the page is larger than its window, and what text of it is cut off with no way to the rest */
export function cutTexts(page: Page): Promise<string[]> {
  return page.evaluate(textsCutOff);
}

/** @throws when there is any */
export async function expectNothingCut(page: Page): Promise<void> {
  // What is drawn follows the size of its box a frame later, or some on a busy machine.
  await expect.poll(() => cutTexts(page), { timeout: 3000 }).toEqual([]);
}

/** Whether another project of this run looks at the same page: its bundle is one for all hosts. */
function isSeenOnAnotherHost(): boolean {
  const hosts: readonly string[] = hostsToTest();
  return hosts.indexOf(test.info().project.name) > 0;
}

/**
 * The state of the page in both sizes and both themes, on the first host of a run, and leaves it at the larger one; on the
 * others as it is, which shows what is theirs alone.
 *
 * @param onLook called in each of them
 */
export async function expectWellMade(
  page: Page,
  onLook: (look: Look) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  if (isSeenOnAnotherHost()) {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await expectNothingCut(page);
    await expectAccessible(page);
    return;
  }
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    for (const size of SIZES.toReversed()) {
      await page.setViewportSize(size);
      await onLook({ theme, ...size });
      await expectNothingCut(page);
    }
    // One page in two themes differs in its colours alone.
    await expectAccessible(page, theme === THEMES[0] ? null : RULES_OF_COLOUR);
  }
}
