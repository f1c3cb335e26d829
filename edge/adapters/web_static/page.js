// Small helpers for the page's elements.

export const $ = (selector, within = document) => within.querySelector(selector);
export const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

// Writes only what has changed: an element that is written again is read out again, and loses its selection.
export function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// An element with these properties; children are elements or texts, never markup.
export function make(tag, properties = {}, ...children) {
  const { data = {}, ...others } = properties;
  const element = Object.assign(document.createElement(tag), others);
  Object.assign(element.dataset, data);
  element.append(...children);
  return element;
}
