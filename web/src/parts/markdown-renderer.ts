// Markdown to safe HTML. The text comes from models, repositories and people: nothing of it may run, load or pose as part of the page.
import DOMPurify from 'dompurify';
import { Marked } from 'marked';
import { beadIds } from '../words/bead-ids.ts';

const marked = new Marked({ gfm: true, breaks: true });
const allowedTags = [
  'p',
  'br',
  'hr',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'ul',
  'ol',
  'li',
  'blockquote',
  'pre',
  'code',
  'em',
  'strong',
  'del',
  'a',
  'table',
  'thead',
  'tbody',
  'tr',
  'th',
  'td',
  'input',
];

DOMPurify.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName === 'A') {
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', 'noopener noreferrer nofollow');
  }
  // Task lists show their state and cannot be used.
  if (node.tagName === 'INPUT') {
    if (node.getAttribute('type') === 'checkbox') node.setAttribute('disabled', '');
    else node.remove();
  }
  if (node.tagName === 'PRE') node.setAttribute('tabindex', '0');
});

export const renderMarkdown = (text: string): string =>
  DOMPurify.sanitize(marked.parse(text, { async: false }), {
    ALLOWED_TAGS: allowedTags,
    ALLOWED_ATTR: ['href', 'title', 'type', 'checked', 'align', 'start'],
    ALLOWED_URI_REGEXP: /^(https?|mailto):/i,
  });

const linked = (text: string, titleOf: (beadId: string) => string | undefined): (string | HTMLElement)[] => {
  const parts: (string | HTMLElement)[] = [];
  let from = 0;
  for (const found of text.matchAll(beadIds)) {
    const [beadId] = found;
    const title = titleOf(beadId);
    if (title === undefined) continue;
    const link = document.createElement('a');
    link.href = `?bead=${beadId}`;
    link.dataset['beadId'] = beadId;
    link.title = title;
    link.textContent = beadId;
    parts.push(text.slice(from, found.index), link);
    from = found.index + beadId.length;
  }
  if (parts.length > 0) parts.push(text.slice(from));
  return parts;
};
/** Ids of known beads as links to their drawers. `html` is safe already; blocks of code and links stay as they are. */
export const withBeadLinks = (html: string, titleOf: (beadId: string) => string | undefined): string => {
  const template = document.createElement('template');
  template.innerHTML = html;
  const walker = document.createTreeWalker(template.content, NodeFilter.SHOW_TEXT);
  const texts: Node[] = [];
  while (walker.nextNode() !== null) texts.push(walker.currentNode);
  for (const text of texts) {
    if (!(text instanceof Text) || text.parentElement?.closest('a, pre')) continue;
    const parts = linked(text.data, titleOf);
    if (parts.length > 0) text.replaceWith(...parts);
  }
  return template.innerHTML;
};
