import { dirname, join, relative, resolve, sep } from 'node:path';
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const root = import.meta.dirname;
const PURE = ['contract', 'capture', 'nat', 'window', 'delivery', 'logstore', 'query'];
const ENGINE_SIDE = [...PURE, 'engine'];

/** Packages of the folders that do I/O: anything but what has one home. */
const ANY_PACKAGE = /^(?!@duckdb\/|electron($|\/))/;
const WITH_ELECTRON = /^(?!@duckdb\/)/;
const NO_PACKAGE = /^(?!)/;

/**
 * Who may import whom (design, section 1). `layers` are folders of src-main; `files` are single modules outside of
 * them; a layer always sees itself. What is not listed is refused, be it imported statically, dynamically or as a type.
 */
const DIRECTION = {
  contract: { layers: [], packages: NO_PACKAGE },
  capture: { layers: ['contract'], packages: NO_PACKAGE },
  // Its modules import each other only, which a test checks; this is for the plugin of the build that compiles them.
  decoder: { layers: [], packages: NO_PACKAGE },
  emulator: { layers: [], packages: /^(node:|assemblyscript\/asc$)/ },
  nat: { layers: ['contract', 'capture'], packages: NO_PACKAGE },
  window: { layers: ['contract', 'capture', 'nat'], packages: NO_PACKAGE },
  delivery: { layers: ['contract', 'capture', 'nat', 'window'], packages: NO_PACKAGE },
  logstore: { layers: ['contract'], packages: NO_PACKAGE },
  query: { layers: ['contract', 'logstore'], packages: /^lossless-json$/ },
  duckdb: { layers: PURE, packages: /^(?!electron($|\/))/ },
  engine: { layers: [...PURE, 'decoder', 'emulator', 'duckdb'], packages: ANY_PACKAGE },
  // The command loads the browser host when it is asked for one.
  cli: { layers: [...ENGINE_SIDE, 'serve'], packages: ANY_PACKAGE },
  serve: { layers: ENGINE_SIDE, packages: ANY_PACKAGE },
  app: { layers: ENGINE_SIDE, packages: WITH_ELECTRON },
  preload: { layers: ['contract'], packages: WITH_ELECTRON },
  // It runs before anything is installed, so Node's own modules are all there is; `out/` is what it has just built.
  launch: { layers: [], packages: /^node:/, files: /^out\/main\// },
  renderer: {
    layers: ['contract'],
    packages: /^(?!@duckdb\/|electron($|\/)|node:)/,
    // Live diagnostics in the editor, what is meant by a time and by a query with variables, where JSON is wrong, and
    // names as they are typed.
    files:
      /^src-main\/(logstore\/names|query\/(json-text|query-variables|quoted-search-text|search-(ast|completion|lexer|parser)|split-query|time-range))$/,
  },
  // What the search language is held against, which is worth something as long as it shares nothing with it.
  oracle: { layers: [], packages: NO_PACKAGE },
};

const ORACLE = 'test/support/naive-search.ts';

/** @returns the layer of a file, or undefined for files that have none (tests, configuration) */
function layerOf(path) {
  const [top, folder] = relative(root, path).split(sep);
  if (relative(root, path) === join(ORACLE)) return 'oracle';
  if (top === 'src-renderer') return 'renderer';
  return top === 'src-main' && Object.hasOwn(DIRECTION, folder) ? folder : undefined;
}

/** @returns why `layer` must not import `specifier`, or undefined */
function refusal(layer, fromFile, specifier) {
  const allowed = DIRECTION[layer];
  if (!specifier.startsWith('.')) {
    return allowed.packages.test(specifier) ? undefined : `${layer} may not import the package "${specifier}"`;
  }
  const target = resolve(dirname(fromFile), specifier.replace(/\?.*$/, ''));
  const targetLayer = layerOf(target);
  if (targetLayer === layer || allowed.layers.includes(targetLayer)) return undefined;
  if (allowed.files?.test(relative(root, target).split(sep).join('/'))) return undefined;
  const sees = allowed.layers.length > 0 ? `only ${allowed.layers.join(', ')}` : 'no other layer';
  return `${layer} may import ${sees}, not ${relative(root, target)}`;
}

const importDirection = {
  meta: { type: 'problem', schema: [], messages: { refused: '{{why}}.' } },
  create(context) {
    const layer = layerOf(context.filename);
    if (layer === undefined) return {};
    const check = (node, source) => {
      if (source == null) return;
      const specifier = source.type === 'TSLiteralType' ? source.literal.value : source.value;
      const why =
        typeof specifier === 'string'
          ? refusal(layer, context.filename, specifier)
          : layer !== 'launch' && `${layer} may not import a module whose name is computed`;
      if (why) context.report({ node, messageId: 'refused', data: { why } });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      ImportExpression: (node) => check(node, node.source),
      TSImportType: (node) => check(node, node.source ?? node.argument),
    };
  },
};

/** What reads a clock, chance, the environment or a device: pure folders are given all of that by their caller. */
const IMPURE_GLOBALS = [
  ...['process', 'performance', 'console', 'crypto', 'fetch', 'Buffer', 'require', 'globalThis', 'window', 'document'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'requestAnimationFrame', 'navigator', 'Worker'],
];

const NO_ENUM = { selector: 'TSEnumDeclaration', message: 'Use a const object and a union of its values.' };
const NO_DEFAULT_EXPORT = { selector: 'ExportDefaultDeclaration', message: 'Export by name.' };
const NO_PRIVATE_KEYWORD = { selector: '[accessibility="private"]', message: 'Use #private.' };
/** `column[row]!` says what noUncheckedIndexedAccess cannot know; any other `!` hides a case. */
const NON_NULL_ONLY_ON_INDEX = {
  selector: 'TSNonNullExpression:not([expression.type="MemberExpression"][expression.computed=true])',
  message: 'Only an indexed element may be asserted with `!`.',
};
const SYNTAX = [NO_ENUM, NO_DEFAULT_EXPORT, NO_PRIVATE_KEYWORD, NON_NULL_ONLY_ON_INDEX];
const PURE_SYNTAX = [
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'Pass `now`: no clock here.' },
  { selector: 'CallExpression[callee.name="Date"]', message: 'Pass `now`: no clock here.' },
  {
    selector:
      'MemberExpression[property.name=/^[gs]et(Date|Day|FullYear|Hours|Minutes|Month|Seconds|TimezoneOffset)$/]',
    message: "It depends on the machine's time zone: use the UTC method or pass the zone.",
  },
];

export default tseslint.config(
  // What TypeScript says of AssemblyScript is wrong: its own compiler checks it.
  { ignores: ['node_modules/', 'out/', 'test-output/', 'test/fixtures/', 'src-main/{decoder,emulator}/*.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.svelte'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: root, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      // A number has one spelling; what these guard against are objects and undefined in texts.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/restrict-plus-operands': ['error', { allowNumberAndString: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Foreign JSON is read by key, and `node['class']` shows that nothing declares it.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      // The selector NON_NULL_ONLY_ON_INDEX takes its place.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Loops over the first `length` rows of columns are the hot path, and `for … of` walks all of them.
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-syntax': ['error', ...SYNTAX],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['src-main/**', 'src-renderer/**', ORACLE],
    plugins: { natscope: { rules: { 'import-direction': importDirection } } },
  },
  {
    files: ['src-main/**/*.{ts,mjs}', 'src-renderer/**/*.{ts,js,svelte}', ORACLE],
    rules: { 'natscope/import-direction': 'error' },
  },
  {
    files: PURE.map((folder) => `src-main/${folder}/**/*.ts`),
    rules: {
      'no-restricted-globals': ['error', ...IMPURE_GLOBALS],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Pass `now`: no clock here.' },
        { object: 'Math', property: 'random', message: 'Pass a seed: no chance here.' },
      ],
      'no-restricted-syntax': ['error', ...SYNTAX, ...PURE_SYNTAX],
    },
  },
  { files: ['**/*.config.ts', '**/*.d.ts'], rules: { 'no-restricted-syntax': ['error', NO_ENUM] } },
  {
    files: ['test/**/*.ts'],
    rules: {
      // A test that asserts too much fails, which is what it is for.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'no-restricted-syntax': ['error', NO_ENUM, NO_PRIVATE_KEYWORD],
    },
  },
  {
    files: ['src-renderer/**/*.svelte'],
    rules: {
      // What another component takes and gives is known to svelte-check, and is `any` to this parser.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    ignores: ['src-renderer/public/**'],
    languageOptions: { globals: globals.node },
  },
  { files: ['src-renderer/public/**'], languageOptions: { globals: globals.browser } },
  {
    // Functions of the stand-in for Electron run in the page, and members that do nothing still have parameters.
    files: ['test/standin/**/*.{mjs,cjs}'],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules: { 'no-unused-vars': ['error', { argsIgnorePattern: '^_' }] },
  },
  {
    files: ['src-renderer/**/*.svelte', 'src-renderer/**/*.svelte.ts'],
    extends: [svelte.configs.recommended],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { projectService: true, extraFileExtensions: ['.svelte'], parser: tseslint.parser },
    },
    rules: {
      // One binding that is written makes all of `$props()` a `let`.
      'prefer-const': ['error', { destructuring: 'all' }],
      // A map that no component reads needs no signals, and one that it reads is replaced whole.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
);
