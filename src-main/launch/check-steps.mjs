/** What `npm run check` runs, longest first: arguments for Node, in the repository's folder. */
export const STEPS = {
  eslint: ['node_modules/eslint/bin/eslint.js', '--max-warnings', '0', '.'],
  types: ['node_modules/typescript/bin/tsc', '-b'],
  knip: ['node_modules/knip/bin/knip.js', '--no-progress'],
  svelte: [
    'node_modules/svelte-check/bin/svelte-check',
    ...['--workspace', 'src-renderer', '--tsconfig', './tsconfig.json', '--fail-on-warnings', '--output', 'human'],
  ],
  prettier: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
  licences: ['src-main/launch/licences.mjs'],
  'install-scripts': ['src-main/launch/licences.mjs', '--install-scripts'],
};
