/** 202 promises that something will happen; what was done before, and has ended since, is a 200 that says so. */
export function statusOf(answer: { ended?: unknown }): 200 | 202 {
  return answer.ended === undefined ? 202 : 200;
}
