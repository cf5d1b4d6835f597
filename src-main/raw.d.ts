/** Vite inlines the text of a file that is imported with `?raw`; migrations are read this way. */
declare module '*.sql?raw' {
  const text: string;
  export default text;
}

/** Our own plugin: what AssemblyScript makes of the file, as base64. */
declare module '*.ts?wasm' {
  const base64: string;
  export default base64;
}
