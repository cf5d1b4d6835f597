import { LOOKS, type Look } from './looks';

/** @returns the file name of the picture of a state in a look */
export function pictureName(state: string, { theme, width, height }: Look): string {
  return `${state}--${theme}-${width}x${height}.png`;
}

/** Sections of the index by the first digit of a state's name, which is that of the file that draws it. */
const SECTIONS: Readonly<Record<string, string>> = {
  1: 'Captures',
  2: 'Imports',
  3: 'Logs',
  4: 'Raw logs and saved searches',
  5: 'Graph and ledger',
  6: 'Exports and loads',
  7: 'Who it was',
  8: 'Gateways',
  9: 'The window, and what the README shows',
};

/** By state: what was changed after looking at its pictures, or why it was left as it is. */
export type Notes = Readonly<Record<string, string>>;

/**
 * @param files names of those in the gallery's folder
 * @returns what the notes and the pictures of a whole run do not agree on, in sentences; empty when nothing
 */
export function galleryFaults(notes: Notes, files: readonly string[]): string[] {
  const there = new Set(files);
  const drawn = new Set(files.filter((file) => file.includes('--')).map((file) => file.slice(0, file.indexOf('--'))));
  const faults = [...drawn].filter((state) => !Object.hasOwn(notes, state)).map((state) => `${state} has no sentence.`);
  const places = new Map<string, string>();
  for (const [state, sentence] of Object.entries(notes)) {
    const place = state.slice(0, state.indexOf('-'));
    const other = places.get(place);
    if (other !== undefined) faults.push(`${state} has the number of ${other}.`);
    places.set(place, state);
    if (SECTIONS[state.charAt(0)] === undefined) faults.push(`${state} has no section.`);
    if (!/^\S.*[.]$/u.test(sentence)) faults.push(`What is said of ${state} is no sentence.`);
    const missing = LOOKS.filter((look) => !there.has(pictureName(state, look)));
    if (missing.length === LOOKS.length) faults.push(`${state} has a sentence, but no picture.`);
    else for (const look of missing) faults.push(`${pictureName(state, look)} is missing.`);
  }
  return faults.toSorted();
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/gu, (sign) => ENTITIES[sign] ?? sign);

/** `101-captures-first-start` to `Captures first start`. */
function titleOf(state: string): string {
  const words = state.slice(state.indexOf('-') + 1).replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function figure(state: string, look: Look, isThere: boolean): string {
  const file = pictureName(state, look);
  const caption = `${look.theme}, ${look.width} × ${look.height}`;
  const alt = escaped(`${titleOf(state)}, ${caption}`);
  const size = `width="${look.width}" height="${look.height}"`;
  const content = isThere
    ? `<a href="${file}"><img src="${file}" alt="${alt}" ${size} loading="lazy" /></a>`
    : '<p class="missing">No picture</p>';
  return `<figure class="${look.width > 1200 ? 'large' : 'small'}">${content}<figcaption>${caption}</figcaption></figure>`;
}

function article(state: string, sentence: string, there: ReadonlySet<string>): string {
  const figures = LOOKS.map((look) => figure(state, look, there.has(pictureName(state, look))));
  return `<article id="${state}">
<h3><a href="#${state}">${escaped(titleOf(state))}</a> <span>${state.slice(0, state.indexOf('-'))}</span></h3>
<p>${escaped(sentence)}</p>
<div class="looks">${figures.join('')}</div>
</article>`;
}

/**
 * @param files names of those in the folder that the page is for
 * @param style of the page
 * @returns a page that shows each state that has a sentence in all of its looks
 */
export function galleryPage(notes: Notes, files: readonly string[], style: string): string {
  const there = new Set(files);
  const states = Object.entries(notes).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const sections = Object.entries(SECTIONS)
    .map(([digit, title]) => ({
      id: `part-${digit}`,
      title,
      states: states.filter(([state]) => state.startsWith(digit)),
    }))
    .filter((section) => section.states.length > 0);
  const links = sections.map(
    ({ id, title, states: own }) => `<a href="#${id}">${title} <span>${own.length}</span></a>`,
  );
  const parts = sections.map(
    ({ id, title, states: own }) =>
      `<section aria-labelledby="${id}">\n<h2 id="${id}">${title}</h2>\n${own.map(([state, sentence]) => article(state, sentence, there)).join('\n')}\n</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width" />
<title>Gallery of Natscope</title>
<style>
${style}</style>
</head>
<body>
<header>
<h1>Gallery of Natscope</h1>
<p>${states.length} states of the app, each in both themes and two sizes, with what was changed after looking at them. Accessibility, contrast, overflow and text that is cut off were checked in each when its picture was taken.</p>
<nav aria-label="Pages">${links.join('')}</nav>
</header>
<main>
${parts.join('\n')}
</main>
</body>
</html>
`;
}
