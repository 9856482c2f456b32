export function addResults(runs: { name: string; exitCode: number; output: string }[]): {
  summary: string;
  passed: boolean;
  problems: string[];
};
