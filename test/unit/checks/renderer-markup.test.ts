import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse, type AST } from 'svelte/compiler';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const renderer = join(import.meta.dirname, '../../../src-renderer');

/** Attributes that people read or hear. */
const SPOKEN = new Set([
  ...['aria-label', 'aria-description', 'title', 'placeholder', 'alt', 'label', 'facts', 'note', 'keys'],
]);

type Node = Readonly<Record<string, unknown>> & { readonly type: string };

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function faultOf(node: Node): string | null {
  if (node.type === 'Text' && /\p{L}/u.test(String(node['data'])))
    return `words in the markup: ${String(node['data']).trim()}`;
  if (node.type === 'HtmlTag') return 'markup from a string';
  if (node.type !== 'Attribute') return null;
  const { name, value } = node as unknown as AST.Attribute;
  // The security policy has no 'unsafe-inline': only `style:` directives, which the CSSOM sets, pass it.
  if (name === 'style') return 'a style attribute';
  const isText = Array.isArray(value) && value.some((part) => part.type === 'Text' && /\p{L}/u.test(part.data));
  return isText && SPOKEN.has(name) ? `words in ${name}` : null;
}

/** What in a component breaks the rules about words and styles. */
function faultsIn(source: string): string[] {
  const { fragment } = parse(source, { modern: true });
  const faults: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    else if (isNode(value)) {
      const fault = faultOf(value);
      if (fault !== null) faults.push(fault);
      // Units of a style are no words.
      if (value.type === 'StyleDirective') return;
      for (const [key, child] of Object.entries(value)) {
        // Texts of an attribute are judged by its name.
        if (
          key !== 'parent' &&
          key !== 'metadata' &&
          !(value.type === 'Attribute' && key === 'value' && Array.isArray(child))
        ) {
          visit(child);
        }
      }
    }
  };
  visit(fragment);
  return faults;
}

const components = readdirSync(renderer, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.svelte'),
);

/** Two words with a space between them: names, keys and codes have none. */
const SENTENCE = /\p{L}{2,}[,;:]? \p{L}+/u;
/** Their sentences are in another language than ours. */
const STATEMENTS = new Set(['features/logstore/bytes-statement.ts', 'features/logstore/query-highlight.ts']);
/** They take selectors and conditions of style sheets. */
const OF_STYLE = /(?:^|\.)(?:matchMedia|querySelector|querySelectorAll|closest|matches)$/u;

/** Strings of a script that look like sentences, without those that only a programmer sees. */
function sentencesIn(source: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return;
    if (ts.isNewExpression(node) && node.expression.getText() === 'Error') return;
    if (ts.isCallExpression(node) && OF_STYLE.test(node.expression.getText().replace(/<.*$/su, ''))) return;
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
    if (isText && SENTENCE.test(node.text)) found.push(node.text.trim());
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('script.ts', source, ts.ScriptTarget.Latest, true));
  return found;
}

/** The script of a component; a script is its own. */
function scriptOf(file: string): string {
  const source = readFileSync(join(renderer, file), 'utf8');
  if (!file.endsWith('.svelte')) return source;
  return /<script[^>]*>(.*?)<\/script>/su.exec(source)?.[1] ?? '';
}

const scripts = readdirSync(renderer, { recursive: true, encoding: 'utf8' }).filter(
  (file) => /\.(?:ts|svelte)$/u.test(file) && !file.startsWith(join('services', 'messages')) && !STATEMENTS.has(file),
);

describe('scripts', () => {
  test.each(scripts.map((file) => ({ file })))('$file has its words in the catalogue', ({ file }) => {
    expect(sentencesIn(scriptOf(file))).toEqual([]);
  });

  test('there are some', () => {
    expect(scripts.filter((file) => file.endsWith('.ts')).length).toBeGreaterThan(40);
  });
});

describe('components', () => {
  test.each(components.map((file) => ({ file })))(
    '$file has its words in the catalogue, and no inline style',
    ({ file }) => {
      expect(faultsIn(readFileSync(join(renderer, file), 'utf8'))).toEqual([]);
    },
  );

  test('there are some', () => {
    expect(components.length).toBeGreaterThan(25);
  });
});

describe('the check', () => {
  test.each([
    { name: 'words', source: '<p>Hello</p>', fault: 'words in the markup: Hello' },
    { name: 'words in a branch', source: '{#if true}<b>{x} entries</b>{/if}', fault: 'words in the markup: entries' },
    { name: 'words in a name', source: '<button aria-label="Close"></button>', fault: 'words in aria-label' },
    { name: 'words in a property', source: '<Button label="Run" />', fault: 'words in label' },
    { name: 'keys', source: '<Button keys="Ctrl+O" />', fault: 'words in keys' },
    { name: 'an inline style', source: '<p style="color: red"></p>', fault: 'a style attribute' },
    { name: 'a computed inline style', source: '<p style={css}></p>', fault: 'a style attribute' },
    { name: 'markup from a string', source: '{@html text}', fault: 'markup from a string' },
  ])('finds $name', ({ source, fault }) => {
    expect(faultsIn(source)).toEqual([fault]);
  });

  test.each([
    { name: 'a sentence', source: `const m = 'The host does not answer';`, found: ['The host does not answer'] },
    { name: 'one with values', source: 'say(`${name} could not be copied`);', found: ['could not be copied'] },
    {
      name: 'one between values',
      source: 'say(`${a} is in ${b}: try again, ${c}`);',
      found: ['is in', ': try again,'],
    },
    { name: 'one in a property', source: `const t = { title: 'Try again' };`, found: ['Try again'] },
  ])('finds $name in a script', ({ source, found }) => {
    expect(sentencesIn(source)).toEqual(found);
  });

  test('lets names, codes, keys, paths and faults of our own pass', () => {
    const source = `import a from 'an odd name'; type T = 'one thing'; get('natscope.zone', "Ctrl+O", '2-digit', t.a);
      list.querySelector<HTMLElement>('li button');
      throw new Error('this is no place for it');`;
    expect(sentencesIn(source)).toEqual([]);
  });

  test('lets values, classes and directives pass', () => {
    expect(faultsIn(`<p class="note" style:color={c} title={t.a}>{t.b} – {n}</p>`)).toEqual([]);
  });
});

test('the page has no inline script, style or handler', () => {
  const html = readFileSync(join(renderer, 'index.html'), 'utf8');
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/u);
});

test('colours, sizes of type and times come from the tokens', () => {
  const literal = /#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(/iu;
  const offenders = components.filter((file) => {
    const { css } = parse(readFileSync(join(renderer, file), 'utf8'), { modern: true });
    return css !== null && literal.test(css.content.styles);
  });
  expect(offenders.map((file) => relative('.', file))).toEqual([]);
});
