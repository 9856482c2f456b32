/** Custom search attributes, by name and type. Few on purpose: a server allows ten keywords and three keyword lists. */
export const SEARCH_ATTRIBUTES = {
  WindlassProduct: 'Keyword',
  WindlassVersion: 'Keyword',
  WindlassType: 'Keyword',
  WindlassPhase: 'Keyword',
  WindlassEnvironment: 'Keyword',
  WindlassOutcome: 'Keyword',
  WindlassRequestedBy: 'Keyword',
  WindlassWaitingFor: 'KeywordList',
} as const;
