import MarkdownIt from 'markdown-it';
import { type Html, trust } from './html.ts';

/**
 * Release notes as HTML: no HTML of their own, no images, no address that is not https. What may not be a link stays
 * the text that it was.
 */
export function renderMarkdown(text: string): Html {
  const renderer = new MarkdownIt({ html: false, linkify: false, breaks: false });
  renderer.disable(['image']);
  renderer.validateLink = (url) => /^https:\/\/[A-Za-z0-9]/.test(url);
  const link = renderer.renderer.rules.link_open;
  renderer.renderer.rules.link_open = (tokens, index, options, env, self) => {
    tokens[index]?.attrSet('rel', 'noopener noreferrer nofollow');
    return link ? link(tokens, index, options, env, self) : self.renderToken(tokens, index, options);
  };
  // The page has its own first and second headings.
  renderer.core.ruler.push('lower_headings', (state) => {
    for (const token of state.tokens) {
      if (token.type === 'heading_open' || token.type === 'heading_close') {
        token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + 2)}`;
      }
    }
  });
  return trust(renderer.render(text.slice(0, 100_000)));
}
