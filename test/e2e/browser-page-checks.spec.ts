import { expect, test } from './fixtures';
import { cutTexts } from './page-checks';

/* What the checks of every page find, on pages that have it. */

const WORDS = 'Words that need more room than there is';
const box = (style: string, inner = WORDS, more = ''): string => `<div style="${style}" ${more}>${inner}</div>`;
const LINE = 'width: 100px; overflow: hidden; white-space: nowrap';

test('text that is cut off is found, unless there is a way to the rest', async ({ sharedBrowser }) => {
  const context = await (await sharedBrowser()).newContext();
  const page = await context.newPage();
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['cut at the side', box(LINE), false],
    ['an ellipsis alone', box(`${LINE}; text-overflow: ellipsis`), false],
    ['an ellipsis around another element', box(`${LINE}; text-overflow: ellipsis`, `<span>${WORDS}</span>`), false],
    ['an ellipsis with a title', box(`${LINE}; text-overflow: ellipsis`, WORDS, `title="${WORDS}"`), true],
    ['cut below', box('width: 100px; height: 20px; overflow: hidden'), false],
    ['cut below by what is around it', box('height: 20px; overflow: hidden', box('width: 100px')), false],
    ['scrolled', box('width: 100px; height: 20px; overflow: auto'), true],
    [
      'scrolled inside of what is cut',
      box('height: 60px; overflow: hidden', box('height: 40px; overflow: auto')),
      true,
    ],
    [
      'folded up',
      box('height: 24px; overflow: hidden', `<details><summary>More</summary><p>${WORDS}</p></details>`),
      true,
    ],
    ['enough room', box('width: 600px; overflow: hidden'), true],
    [
      'for screen readers',
      `<style>.sr { position: absolute; overflow: hidden; width: 1px }</style>${box('', WORDS, 'class="sr"')}`,
      true,
    ],
  ];
  for (const [name, body, passes] of cases) {
    await page.setContent(body);
    expect((await cutTexts(page)).length === 0, name).toBe(passes);
  }
  await context.close();
});
