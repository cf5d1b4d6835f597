/** Vite's `?raw`: the file as one string. */
declare module '*.sql?raw' {
  const text: string;
  export default text;
}
