import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import ts from 'typescript';

interface DeclaredType {
  readonly bases: string[];
  readonly members: Set<string>;
  readonly statics: Set<string>;
  readonly events: Set<string>;
}

export interface ElectronTypes {
  /** Exports of the main process: its name, and the type of a constant (`app` is an `App`). */
  readonly exports: ReadonlyMap<string, string>;
  has(type: string, kind: 'member' | 'static' | 'event', name: string): boolean;
}

/** Reads `electron.d.ts` by its syntax alone, which takes a tenth of the time that its types would. */
export function readElectronTypes(): ElectronTypes {
  const path = createRequire(import.meta.url).resolve('electron/electron.d.ts');
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
  const types = new Map<string, DeclaredType>();
  const exports = new Map<string, string>();
  for (const statement of statementsOf(namespace(source.statements, 'Electron'))) {
    if (ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement)) readType(statement, types);
  }
  for (const statement of statementsOf(
    namespace(statementsOf(namespace(source.statements, 'Electron')), 'CrossProcessExports'),
  )) {
    if (ts.isClassDeclaration(statement) && statement.name) exports.set(statement.name.text, statement.name.text);
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, type } of statement.declarationList.declarations) {
      if (ts.isIdentifier(name) && type) exports.set(name.text, nameOfType(type));
    }
  }
  return { exports, has: (type, kind, name) => hasMember(types, type, kind, name) };
}

function namespace(statements: readonly ts.Statement[], name: string): ts.ModuleDeclaration | undefined {
  return statements.find(
    (statement): statement is ts.ModuleDeclaration => ts.isModuleDeclaration(statement) && statement.name.text === name,
  );
}

function statementsOf(module: ts.ModuleDeclaration | undefined): readonly ts.Statement[] {
  return module?.body && ts.isModuleBlock(module.body) ? module.body.statements : [];
}

/** `typeof Foo` and `Foo` are both the type `Foo`. */
function nameOfType(type: ts.TypeNode): string {
  if (ts.isTypeQueryNode(type) && ts.isIdentifier(type.exprName)) return type.exprName.text;
  if (!ts.isTypeReferenceNode(type)) return '';
  return ts.isIdentifier(type.typeName) ? type.typeName.text : type.typeName.right.text;
}

function readType(declaration: ts.ClassDeclaration | ts.InterfaceDeclaration, types: Map<string, DeclaredType>): void {
  const type: DeclaredType = { bases: [], members: new Set(), statics: new Set(), events: new Set() };
  for (const clause of declaration.heritageClauses ?? []) {
    for (const { expression } of clause.types) if (ts.isIdentifier(expression)) type.bases.push(expression.text);
  }
  for (const member of declaration.members) {
    if (!member.name || !ts.isIdentifier(member.name)) continue;
    const isStatic =
      ts.canHaveModifiers(member) && ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword);
    (isStatic === true ? type.statics : type.members).add(member.name.text);
    const [first] = ts.isMethodDeclaration(member) || ts.isMethodSignature(member) ? member.parameters : [];
    const literal = first?.type && ts.isLiteralTypeNode(first.type) ? first.type.literal : undefined;
    if (member.name.text === 'on' && literal && ts.isStringLiteral(literal)) type.events.add(literal.text);
  }
  if (declaration.name) types.set(declaration.name.text, type);
}

function hasMember(
  types: ReadonlyMap<string, DeclaredType>,
  typeName: string,
  kind: 'member' | 'static' | 'event',
  name: string,
): boolean {
  const type = types.get(typeName);
  if (type === undefined) return false;
  const names = { member: type.members, static: type.statics, event: type.events }[kind];
  return names.has(name) || type.bases.some((base) => hasMember(types, base, kind, name));
}
