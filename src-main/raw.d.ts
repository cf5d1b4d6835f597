/** Vite inlines the text of a file that is imported with `?raw`; migrations are read this way. */
declare module '*.sql?raw' {
  const text: string;
  export default text;
}
