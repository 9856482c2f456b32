/**
 * What is wrong between the packages that the build imports and those that package.json declares for run time: one
 * that is missing would break the package, one too many would be installed for nothing.
 */
export function findUndeclared(imported: ReadonlySet<string>, declared: readonly string[]): string[] {
  const missing = [...imported].filter((name) => !declared.includes(name)).sort();
  const unused = declared.filter((name) => !imported.has(name)).sort();
  return [
    ...missing.map((name) => `${name} is imported and not among the dependencies of package.json.`),
    ...unused.map((name) => `${name} is among the dependencies of package.json and imported nowhere.`),
  ];
}
